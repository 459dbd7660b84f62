// npm run e2e [-- path/to/clairscore]: serves the demonstration on free ports, runs every *.test.mjs
// against it and ends it. The binary may also be named by CLAIRSCORE_BINARY; with CLAIRSCORE_URL set,
// the server that is there is used.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { createServer } from 'node:net';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const START_LIMIT_MS = 300_000;

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

async function startServer(binary) {
  const [port, apiPort] = [await freePort(), await freePort()];
  const args = ['demo', '--port', String(port), '--api-port', String(apiPort)];
  const server = spawn(binary, args, { stdio: ['ignore', 'inherit', 'inherit'] });
  let failure = '';
  server.on('error', (error) => (failure = error.message));
  server.on('exit', (code, signal) => (failure ||= `ended with ${code ?? signal}`));
  const url = `http://127.0.0.1:${port}`;
  const limit = Date.now() + START_LIMIT_MS;
  for (;;) {
    if (failure !== '') throw new Error(`${binary}: ${failure}`);
    // The last thing that is computed after a start.
    const answer = await fetch(`${url}/api/v1/importance`).catch(() => null);
    if (answer?.ok) break;
    if (Date.now() > limit) {
      server.kill('SIGTERM');
      throw new Error(`${binary}: not ready after ${START_LIMIT_MS / 1000} s`);
    }
    await pause(50);
  }
  const stop = async () => {
    if (server.exitCode !== null || server.signalCode !== null) return;
    server.kill('SIGTERM');
    await once(server, 'exit');
  };
  return { url, stop };
}

async function runTests(url) {
  const names = await readdir(here);
  const files = names.filter((name) => name.endsWith('.test.mjs')).sort();
  const node = spawn(process.execPath, ['--test', ...files.map((name) => join(here, name))], {
    stdio: 'inherit',
    env: { ...process.env, CLAIRSCORE_URL: url, CLAIRSCORE_BINARY: binary },
  });
  const [code] = await once(node, 'exit');
  return code ?? 1;
}

const given = process.env['CLAIRSCORE_URL'];
const named = process.argv[2] ?? process.env['CLAIRSCORE_BINARY'];
const binary = resolve(named ?? join(here, '../../build/release/clairscore'));
const server = given ? { url: given, stop: async () => {} } : await startServer(binary);
try {
  process.exitCode = await runTests(server.url);
} finally {
  await server.stop();
}
