// node check-docs.mjs CLAIRSCORE: what the Markdown of this repository names must exist: files and
// headings that are linked to, commands and options of CLAIRSCORE in code, make targets. Every page
// that has a translation holds the same number of headings and code blocks in both languages.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const binary = resolve(process.argv[2] ?? 'build/release/clairscore');
const pages = execFileSync('git', ['ls-files', '*.md'], { cwd: root, encoding: 'utf8' }).trim().split('\n');
const makefile = readFileSync(join(root, 'Makefile'), 'utf8');
const targets = new Set([...makefile.matchAll(/^([a-z][\w-]*):/gm)].map((match) => match[1]));
const faults = [];
let links = 0, commands = 0;

const helpOf = new Map();
// The help of a command ("" for the program's own), or null where there is no such command.
function help(command) {
  if (!helpOf.has(command)) {
    try {
      helpOf.set(command, execFileSync(binary, [...command.split(' ').filter(Boolean), '--help'], { encoding: 'utf8', stdio: 'pipe' }));
    } catch {
      helpOf.set(command, null);
    }
  }
  return helpOf.get(command);
}
const optionsOf = (text) => new Set(text.match(/(?<![\w-])--?[a-z][\w-]*/g));

// As GitHub names the headings of a page.
function anchors(text) {
  const plain = text.replace(/^```[\s\S]*?^```/gm, '');
  return new Set(
    [...plain.matchAll(/^#+ (.*)$/gm)].map((match) =>
      match[1].toLowerCase().replace(/[^\p{L}\p{N}\s_-]/gu, '').replace(/\s/g, '-')));
}

function checkLink(page, target) {
  links += 1;
  const [path, anchor] = target.split('#');
  const file = path === '' ? join(root, page) : join(root, dirname(page), decodeURIComponent(path));
  if (!existsSync(file)) return faults.push(`${page}: ${target} does not exist`);
  if (relative(root, file).startsWith('..')) return faults.push(`${page}: ${target} is not in the repository`);
  if (anchor && !(statSync(file).isFile() && anchors(readFileSync(file, 'utf8')).has(decodeURIComponent(anchor)))) {
    faults.push(`${page}: ${path || page} has no heading #${anchor}`);
  }
}

// One call of the program: its command, and the command's options.
function checkCall(page, words) {
  commands += 1;
  let command = '', rest = words;
  while (rest.length > 0 && /^[a-z]+$/.test(rest[0])) {
    const longer = `${command} ${rest[0]}`.trim();
    if (!new RegExp(`^  ${rest[0]} `, 'm').test(help(command) ?? '')) break;
    [command, rest] = [longer, rest.slice(1)];
  }
  if (command === '' && rest.length > 0 && /^[a-z]+$/.test(rest[0])) return faults.push(`${page}: no command \`clairscore ${rest[0]}\``);
  const known = optionsOf(help(command));
  for (const word of rest) {
    const option = /^--?[a-z][\w-]*/.exec(word)?.[0];
    if (option && !known.has(option)) faults.push(`${page}: \`clairscore ${command}\` has no option ${option}`);
  }
}

function checkShell(page, line) {
  const text = line.replace(/(^|\s)#.*$/, '');
  for (const part of text.split(/\||&&|;/)) {
    const words = part.trim().split(/\s+/).filter((word) => !/^[A-Z_]+=/.test(word));
    if (/(^|\/)clairscore$/.test(words[0] ?? '')) checkCall(page, words.slice(1));
    if (words[0] === 'make') {
      for (const target of words.slice(1).filter((word) => /^[a-z][\w-]*$/.test(word))) {
        if (!targets.has(target)) faults.push(`${page}: no make target ${target}`);
      }
    }
  }
}

const everyOption = () => {
  const commandNames = [...help('').matchAll(/^ {2}([a-z]+) {2,}/gm)].map((match) => match[1]);
  const all = ['', ...commandNames, ...[...help('hub').matchAll(/^ {2}([a-z]+) {2,}/gm)].map((match) => `hub ${match[1]}`)];
  return new Set(all.flatMap((command) => [...optionsOf(help(command) ?? '')]));
};
const options = everyOption();

for (const page of pages) {
  const text = readFileSync(join(root, page), 'utf8');
  const prose = text.replace(/^```[\s\S]*?^```/gm, '');
  for (const match of prose.replace(/`[^`\n]*`/g, '').matchAll(/\]\(([^)\s]+)\)/g)) {
    if (!/^[a-z]+:/.test(match[1])) checkLink(page, match[1]);
  }
  for (const match of text.matchAll(/^```sh\n([\s\S]*?)^```/gm)) {
    for (const line of match[1].replace(/\\\n/g, ' ').split('\n')) checkShell(page, line);
  }
  for (const [, code] of prose.matchAll(/`([^`\n]+)`/g)) {
    if (/^(make|clairscore) [^…]*$/.test(code)) checkShell(page, code.replace(/\bCOMMANDE?\b/, ''));
    // An option by itself: of any command. Only in the pages for users, since others speak of other programs.
    if (/^(README|docs\/)/.test(page) && /^--[a-z][\w-]*( |$)/.test(code) && !options.has(code.split(' ')[0])) {
      faults.push(`${page}: no command has an option ${code}`);
    }
  }
  const other = page.replace(/\.md$/, '.fr.md');
  if (pages.includes(other)) {
    const french = readFileSync(join(root, other), 'utf8');
    for (const [what, pattern] of [['headings', /^#+ /gm], ['code blocks', /^```\w*$/gm], ['rows of tables', /^\|/gm]]) {
      const here = (text.match(pattern) ?? []).length, there = (french.match(pattern) ?? []).length;
      if (here !== there) faults.push(`${other}: ${there} ${what}, ${page} has ${here}`);
    }
  }
}
for (const fault of faults) console.error(fault);
if (faults.length > 0) process.exit(1);
console.log(`${pages.length} pages, ${links} links and ${commands} calls of clairscore: all exist`);
