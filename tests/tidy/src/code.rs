//! Rust source as rules see it: how long a file is, how long its functions are, which lints it silences.

use proc_macro2::Span;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};

use crate::TidyError;
use crate::tree::{files, text};

/// Crates that are nothing but tests, their libraries included.
const TEST_CRATES: [&str; 3] = ["tests/journeys/", "tests/conformance/", "tests/simulation/"];

/// One source file.
#[derive(Clone, Debug)]
pub struct Source {
    /// Its path from the root.
    pub path: String,
    /// What it says.
    pub text: String,
}

/// A function with a body.
#[derive(Clone, Debug)]
pub struct Function {
    /// Where: path and line.
    pub place: String,
    /// Its name.
    pub name: String,
    /// Lines from its signature to its last brace.
    pub lines: usize,
}

/// What the code of a file holds outside its tests.
#[derive(Clone, Debug, Default)]
pub struct Code {
    /// Functions and methods with bodies.
    pub functions: Vec<Function>,
    /// Silenced lints: place and what is silenced.
    pub silenced: Vec<(String, String)>,
    /// Tests that never run.
    pub ignored: Vec<String>,
}

/// Every Rust file.
///
/// # Errors
/// When one cannot be read.
pub fn sources() -> Result<Vec<Source>, TidyError> {
    let paths = files()?.into_iter().filter(|path| path.ends_with(".rs"));
    paths.map(|path| Ok(Source { text: text(&path)?, path })).collect()
}

impl Source {
    /// Whether the file is nothing but tests: in a crate of tests, a crate's `tests` folder, or a module of that name.
    #[must_use]
    pub fn is_test(&self) -> bool {
        let mut inside = self.path.split('/').skip(2);
        TEST_CRATES.iter().any(|folder| self.path.starts_with(folder)) || inside.any(|part| matches!(part, "tests" | "tests.rs"))
    }

    /// What stands in it; modules and functions that only tests compile are left out.
    ///
    /// # Errors
    /// When it is not Rust.
    pub fn code(&self) -> Result<Code, TidyError> {
        let file = syn::parse_file(&self.text).map_err(|cause| TidyError::meaning(&self.path, &cause))?;
        let mut reader = Reader { path: &self.path, code: Code::default() };
        reader.visit_file(&file);
        Ok(reader.code)
    }
}

struct Reader<'a> {
    path: &'a str,
    code: Code,
}

impl Reader<'_> {
    fn place(&self, span: Span) -> String {
        format!("{}:{}", self.path, span.start().line)
    }

    fn function(&mut self, signature: &syn::Signature, body: &syn::Block) {
        let (first, last) = (signature.span().start().line, body.span().end().line);
        let place = self.place(signature.span());
        self.code.functions.push(Function { place, name: signature.ident.to_string(), lines: last + 1 - first });
    }
}

impl<'ast> Visit<'ast> for Reader<'_> {
    fn visit_item_mod(&mut self, module: &'ast syn::ItemMod) {
        if !is_for_tests(&module.attrs) {
            visit::visit_item_mod(self, module);
        }
    }

    fn visit_item_fn(&mut self, function: &'ast syn::ItemFn) {
        if is_for_tests(&function.attrs) {
            return;
        }
        self.function(&function.sig, &function.block);
        visit::visit_item_fn(self, function);
    }

    fn visit_impl_item_fn(&mut self, method: &'ast syn::ImplItemFn) {
        self.function(&method.sig, &method.block);
        visit::visit_impl_item_fn(self, method);
    }

    fn visit_trait_item_fn(&mut self, method: &'ast syn::TraitItemFn) {
        if let Some(body) = &method.default {
            self.function(&method.sig, body);
        }
        visit::visit_trait_item_fn(self, method);
    }

    fn visit_attribute(&mut self, attribute: &'ast syn::Attribute) {
        let place = self.place(attribute.span());
        if attribute.path().is_ident("ignore") {
            self.code.ignored.push(place);
        } else if attribute.path().is_ident("allow") || attribute.path().is_ident("expect") {
            let said = attribute.meta.require_list().map(|list| list.tokens.to_string());
            self.code.silenced.push((place, said.unwrap_or_default().replace(' ', "")));
        }
    }
}

/// Whether an item is compiled for tests alone.
fn is_for_tests(attributes: &[syn::Attribute]) -> bool {
    let is_test = |attribute: &syn::Attribute| {
        let cfg_test = || attribute.meta.require_list().is_ok_and(|list| list.tokens.to_string() == "test");
        let last = attribute.path().segments.last();
        last.is_some_and(|last| last.ident == "test") || attribute.path().is_ident("cfg") && cfg_test()
    };
    attributes.iter().any(is_test)
}
