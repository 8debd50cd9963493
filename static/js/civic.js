// Loads the behaviours that a page asks for by data-behaviour. Without this file every page still works.
for (const element of document.querySelectorAll("[data-behaviour]")) {
  for (const name of element.dataset.behaviour.split(" ")) {
    import(`./behaviours/${name}.js`).then((part) => part.default(element));
  }
}
