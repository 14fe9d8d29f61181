import { spawn } from 'node:child_process'

export interface CommandOptions {
  readonly folder: string
  readonly environment?: Readonly<Record<string, string | undefined>>
  /** The command is ended after so long; its result says so. */
  readonly limitMs?: number
}

export interface CommandResult {
  /** Null where a signal ended it. */
  readonly code: number | null
  readonly output: string
  readonly errors: string
}

/** Runs a program to its end. Rejects only when it cannot be started. */
export function runCommand(
  program: string,
  args: readonly string[],
  options: CommandOptions,
): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    const limitMs = options.limitMs ?? 600_000
    const child = spawn(program, [...args], {
      cwd: options.folder,
      env: { ...process.env, ...options.environment },
      // A prompt would wait for ever; without an input it fails at once.
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const output: Buffer[] = []
    const errors: Buffer[] = []
    child.stdout.on('data', (chunk: Buffer) => output.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => errors.push(chunk))
    let tooLong = false
    const limit = setTimeout(() => {
      tooLong = true
      child.kill('SIGKILL')
    }, limitMs)
    child.once('error', (error) => {
      clearTimeout(limit)
      reject(new Error(`${program} could not be started: ${error.message}`, { cause: error }))
    })
    child.once('close', (code) => {
      clearTimeout(limit)
      const said = Buffer.concat(errors).toString('utf8')
      resolve({
        code,
        output: Buffer.concat(output).toString('utf8'),
        errors: tooLong ? `${said}\nended after ${limitMs} ms` : said,
      })
    })
  })
}
