// A number and the word for so many of it. The number is judged as it is written: "0,4 point" and
// "1 point" in French, which counts as one whatever is below two; in English 1 alone is one.

const counting =
  (one: RegExp) =>
  (text: string | number, single: string, several: string): string =>
    `${text} ${one.test(String(text)) ? single : several}`;

export const frenchCount = counting(/^[+−]?[01](,\d+)?$/);
export const englishCount = counting(/^[+−]?1$/);
