export default {
  compilerOptions: {
    runes: true,
    // The class that keeps a component's styles to itself. Four digits tell fifty components apart;
    // Svelte's own name is longer, and is in every element that has a style.
    cssHash: ({ css, hash }) => `s${hash(css).slice(0, 4)}`,
  },
};
