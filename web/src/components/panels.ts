// What the folds show, as one part that the first page does without.

export { default as bivariate } from './BivariatePanel.svelte';
export { default as dependence } from './DependencePanel.svelte';
export { default as importance } from './ImportancePanel.svelte';
export { default as model } from './ModelCardPanel.svelte';
export { default as waterfall } from './Waterfall.svelte';
