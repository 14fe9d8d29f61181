import { spawn } from 'node:child_process'
import { type ClientRun, type ClientTask, clientRunSchema } from './client-run.ts'

/**
 * Runs a client as a process of its own and returns what it measured of itself.
 * @throws Error with what it wrote where it fails.
 */
export async function runClient(script: URL, task: ClientTask): Promise<ClientRun> {
  const child = spawn(process.execPath, [script.pathname, JSON.stringify(task)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  // The bench may be ended while a client runs: it must not go on alone.
  const kill = () => child.kill('SIGKILL')
  process.once('exit', kill)
  try {
    const [output, errors, code] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      new Promise<number | null>((resolve, reject) => {
        child.once('error', reject)
        child.once('exit', resolve)
      }),
    ])
    if (code !== 0) throw new Error(`${script.pathname} ended with ${code}:\n${errors}${output}`)
    return clientRunSchema.parse(JSON.parse(output.trim().split('\n').at(-1) ?? ''))
  } finally {
    process.off('exit', kill)
  }
}

async function text(stream: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}
