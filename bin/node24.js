// Runs a script on Node 24 whatever Node started this file: plain JavaScript that Node 18 can read.
//
//   node bin/node24.js [--env] <script> [arguments]
//
// With --env, variables of the file .env beside package.json are set where they are not set yet.
//
// The server's TypeScript runs as it is, which an older Node refuses with a syntax error that says
// nothing about the cause. On Node 24 or newer the script is imported into this process. Otherwise
// the Node that `npm ci` installed for this platform takes over, with the same input and output,
// the same signals and the same exit code.

import { spawn } from 'node:child_process'
import { accessSync, constants, existsSync } from 'node:fs'
import { constants as osConstants } from 'node:os'
import path from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const REQUIRED_MAJOR = 24
/** EX_UNAVAILABLE of sysexits: what is needed to run is not there. */
const EXIT_NO_NODE = 69
/** EX_USAGE of sysexits. */
const EXIT_USAGE = 64

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)))
const readsEnvFile = process.argv[2] === '--env'
const [script, ...scriptArguments] = process.argv.slice(readsEnvFile ? 3 : 2)
const envFile = path.join(root, '.env')

if (script === undefined) {
  console.error('usage: node bin/node24.js [--env] <script> [arguments]')
  process.exit(EXIT_USAGE)
}

if (Number(process.versions.node.split('.')[0]) >= REQUIRED_MAJOR) {
  const file = path.resolve(script)
  if (readsEnvFile && existsSync(envFile)) process.loadEnvFile(envFile)
  // A script sees the arguments it would have been started with itself.
  process.argv.splice(1, process.argv.length - 1, file, ...scriptArguments)
  await import(pathToFileURL(file).href)
} else {
  const bundled = findBundledNode()
  if (bundled === undefined) explainMissingNode()
  else runWith(bundled)
}

/** The Node that the optional dependencies carry for this platform, or undefined. */
function findBundledNode() {
  const platform = process.platform === 'win32' ? 'win' : process.platform
  const executable = process.platform === 'win32' ? 'node.exe' : 'node'
  const file = path.join(
    root,
    'node_modules',
    `node-${platform}-${process.arch}`,
    'bin',
    executable,
  )
  try {
    accessSync(file, constants.X_OK)
    return file
  } catch {
    return undefined
  }
}

function explainMissingNode() {
  console.error(
    [
      `Conveyor needs Node ${REQUIRED_MAJOR} or newer; this is Node ${process.versions.node}, and no newer one is in node_modules.`,
      'Ways out:',
      '  - Linux and Windows on x64, Linux on arm64: run `npm ci` without --omit=optional;',
      `    it brings Node ${REQUIRED_MAJOR} along (there is none for ${process.platform}-${process.arch} now).`,
      `  - Anywhere: install Node ${REQUIRED_MAJOR} (https://nodejs.org/en/download) and put it first on PATH.`,
    ].join('\n'),
  )
  process.exit(EXIT_NO_NODE)
}

/** @param {string} node */
function runWith(node) {
  const flags = readsEnvFile ? [`--env-file-if-exists=${envFile}`] : []
  const child = spawn(node, [...flags, path.resolve(script), ...scriptArguments], {
    stdio: 'inherit',
  })
  // Ctrl-C in a terminal reaches the child by itself: passed on, it would arrive twice, and the
  // second one means "do not wait for an orderly stop".
  const fromTerminal = process.stdin.isTTY === true || process.stdout.isTTY === true
  const forward = (signal) => {
    if (!(signal === 'SIGINT' && fromTerminal)) child.kill(signal)
  }
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGUSR2']
  for (const signal of signals) process.on(signal, forward)

  child.on('error', (error) => {
    console.error(`Cannot run ${node}: ${error.message}`)
    process.exit(EXIT_NO_NODE)
  })
  child.on('exit', (code, signal) => {
    for (const name of signals) process.off(name, forward)
    if (signal === null) process.exit(code ?? 1)
    // Whoever waits for this process sees how the child ended.
    if (process.platform !== 'win32') process.kill(process.pid, signal)
    else process.exit(128 + osConstants.signals[signal])
  })
}
