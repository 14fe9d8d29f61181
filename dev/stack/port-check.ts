import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { createServer } from 'node:net'
import { errorCode } from './error-code.ts'
import { commandOf } from './process-identity.ts'
import { StackProblem } from './stack-problem.ts'

export interface PortClaim {
  /** What is to listen there, for the message. */
  what: string
  host: string
  port: number
  /** The environment variable that chooses another one. */
  variable: string
}

/** @throws StackProblem that names the port, who holds it where this can be told, and the way out. */
export async function checkPortFree(claim: PortClaim): Promise<void> {
  const code = await tryToListen(claim.host, claim.port)
  if (code === undefined) return
  const { what, host, port, variable } = claim
  const wayOut = `Choose another port: ${variable}=<port> npm start`
  if (code === 'EADDRINUSE') {
    const holder = findPortHolder(port)
    throw new StackProblem(
      `Port ${port} for ${what} is taken${holder === undefined ? '' : ` by ${describe(holder)}`}.`,
      holder === undefined
        ? wayOut
        : `Stop that process, or choose another port: ${variable}=<port> npm start`,
    )
  }
  if (code === 'EACCES') {
    throw new StackProblem(`Port ${port} for ${what} may not be used by this user.`, wayOut)
  }
  throw new StackProblem(`${what} cannot listen on ${host}:${port}: ${code}.`, wayOut)
}

/** The process that listens on a TCP port, where the system lets this user see it (Linux only). */
export function findPortHolder(port: number): number | undefined {
  if (process.platform !== 'linux') return undefined
  const inodes = ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((file) => listeners(file, port))
  const links = new Set(inodes.map((inode) => `socket:[${inode}]`))
  if (links.size === 0) return undefined
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    if (openFiles(pid).some((link) => links.has(link))) return Number(pid)
  }
  return undefined
}

function describe(pid: number): string {
  const command = commandOf(pid)
  const text =
    command === undefined ? '' : `: ${command.length > 120 ? `${command.slice(0, 120)}…` : command}`
  return `process ${pid}${text}`
}

function tryToListen(host: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', (error) => resolve(errorCode(error) || error.message))
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(undefined)))
  })
}

/** Columns of proc_net_tcp: local address, state (0A is listening), inode. */
function listeners(file: string, port: number): string[] {
  const wanted = port.toString(16).toUpperCase().padStart(4, '0')
  return readOr('', () => readFileSync(file, 'utf8'))
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter((columns) => columns[1]?.endsWith(`:${wanted}`) === true && columns[3] === '0A')
    .flatMap((columns) => columns[9] ?? [])
}

function openFiles(pid: string): string[] {
  const folder = `/proc/${pid}/fd`
  return readOr<string[]>([], () => readdirSync(folder)).map((name) =>
    readOr('', () => readlinkSync(`${folder}/${name}`)),
  )
}

/** Processes end while they are looked at, and those of others cannot be looked into. */
function readOr<T>(otherwise: T, read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (['ENOENT', 'ESRCH', 'EACCES', 'EPERM'].includes(errorCode(error))) return otherwise
    throw error
  }
}
