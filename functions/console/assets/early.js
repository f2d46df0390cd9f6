/* Before the first paint: theme, language and direction, so that nothing flips over. A page that stands in one
   language only says so itself.
   A classic script that blocks on purpose; everything else is a module. */
(() => {
  const query = new URLSearchParams(location.search);
  const read = (name) => {
    try { return localStorage.getItem(`daypass.${name}`); } catch { return null; }
  };
  const root = document.documentElement;
  const theme = query.get("theme") ?? read("theme");
  if (theme === "dark" || theme === "light") root.dataset.theme = theme;
  if (root.dataset.only) return;
  const known = ["en", "ar", "sw"];
  const wishes = [query.get("lang"), read("locale"), ...navigator.languages.map((name) => name.slice(0, 2))];
  root.lang = wishes.find((wish) => known.includes(wish)) ?? "en";
  root.dir = root.lang === "ar" ? "rtl" : "ltr";
})();
