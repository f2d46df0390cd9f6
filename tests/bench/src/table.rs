//! Markdown tables, and what a benchmark hands back: a heading, tables and sentences, and the same as JSON.

use std::fmt::Write as _;

use serde_json::Value;

/// A table.
#[derive(Debug, Default)]
pub struct Table {
    head: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// One with these columns.
    pub fn new(head: &[&str]) -> Self {
        Self { head: head.iter().map(|name| (*name).to_owned()).collect(), rows: Vec::new() }
    }

    /// Adds a row.
    pub fn row(&mut self, cells: Vec<String>) {
        self.rows.push(cells);
    }

    /// As Markdown; the first column to the left, the others to the right.
    pub fn markdown(&self) -> String {
        let rule = self.head.iter().enumerate().map(|(column, _)| if column == 0 { "---" } else { "---:" });
        let mut text = line(&self.head);
        text.push_str(&line(&rule.map(str::to_owned).collect::<Vec<_>>()));
        self.rows.iter().for_each(|row| text.push_str(&line(row)));
        text
    }
}

fn line(cells: &[String]) -> String {
    format!("| {} |\n", cells.join(" | "))
}

/// What one benchmark found.
pub struct Section {
    /// Its name, and that of its file.
    pub name: &'static str,
    /// All of it as Markdown.
    pub text: String,
    /// The same for programs.
    pub json: Value,
}

impl Section {
    /// An empty one.
    pub fn new(name: &'static str, title: &str) -> Self {
        Self { name, text: format!("## {title}\n\n"), json: Value::Null }
    }

    /// Adds a table.
    pub fn table(&mut self, table: &Table) {
        let _ = writeln!(self.text, "{}", table.markdown());
    }

    /// Adds a paragraph.
    pub fn say(&mut self, text: &str) {
        let _ = writeln!(self.text, "{text}\n");
    }
}

/// A figure with its aim: `1.13 (aim 1.25)`, and in bold when it misses.
pub fn aimed(figure: f64, aim: f64, decimals: usize) -> String {
    if figure > aim { format!("**{figure:.decimals$}** (aim {aim})") } else { format!("{figure:.decimals$}") }
}

/// A figure.
pub fn plain(figure: f64, decimals: usize) -> String {
    format!("{figure:.decimals$}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_markdown_and_a_missed_aim_is_bold() {
        let mut table = Table::new(&["function", "ms"]);
        table.row(vec!["qr".to_owned(), aimed(1.5, 1.25, 2)]);
        table.row(vec!["plans".to_owned(), aimed(1.2, 1.25, 2)]);
        let expected = "| function | ms |\n| --- | ---: |\n| qr | **1.50** (aim 1.25) |\n| plans | 1.20 |\n";
        assert_eq!(table.markdown(), expected);
    }
}
