// node scripts/api-types.mjs OPENAPI: the TypeScript types of the API's named schemas, from the
// description that the binary serves at /openapi.json (a file or an address), on standard output.
// src/lib/api-types.ts is what this writes; a test of e2e/ holds the two together.

import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const INDENT = '  ';
const isName = (name) => /^[A-Za-z_]\w*$/.test(name);

function typeOf(schema, depth) {
  if (schema.$ref) return schema.$ref.split('/').at(-1);
  if (schema.enum) return schema.enum.map((value) => `'${value}'`).join(' | ');
  if (schema.oneOf) return schema.oneOf.map((one) => typeOf(one, depth)).join(' | ');
  if (Array.isArray(schema.type)) {
    return [...new Set(schema.type.map((type) => typeOf({ type }, depth)))].join(' | ');
  }
  switch (schema.type) {
    case 'integer':
    case 'number':
      return 'number';
    case 'string':
      return 'string';
    case 'boolean':
      return 'boolean';
    case 'null':
      return 'null';
    case 'array': {
      const items = typeOf(schema.items, depth);
      return items.includes(' | ') && !items.startsWith('{') ? `(${items})[]` : `${items}[]`;
    }
    case 'object':
      return objectOf(schema, depth);
    default:
      throw new Error(`a schema that is not understood: ${JSON.stringify(schema)}`);
  }
}

function objectOf(schema, depth) {
  if (schema.additionalProperties)
    return `Record<string, ${typeOf(schema.additionalProperties, depth)}>`;
  if (!schema.properties) return 'Record<string, unknown>';
  const required = new Set(schema.required ?? []);
  const members = Object.entries(schema.properties).map(([name, member]) => {
    const key = (isName(name) ? name : `'${name}'`) + (required.has(name) ? '' : '?');
    return `${INDENT.repeat(depth + 1)}${key}: ${typeOf(member, depth + 1)};\n`;
  });
  return `{\n${members.join('')}${INDENT.repeat(depth)}}`;
}

export function typesOf(openapi) {
  const named = Object.entries(openapi.components.schemas).map(
    ([name, schema]) => `export interface ${name} ${objectOf(schema, 0)}\n`,
  );
  return `// Made by scripts/api-types.mjs from the binary's /openapi.json: do not edit.\n\n${named.join('\n')}`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const source = process.argv[2];
  if (!source) throw new Error('usage: api-types.mjs OPENAPI');
  const text = /^https?:/.test(source)
    ? await (await fetch(source)).text()
    : await readFile(source, 'utf8');
  process.stdout.write(typesOf(JSON.parse(text)));
}
