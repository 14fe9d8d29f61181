import path from 'node:path'
import { takeBlockedPictures, takeJobPictures } from './temporal-pictures.ts'
import { takeTerminalPicture } from './terminal-picture.ts'

const baseUrl = `http://127.0.0.1:${process.env['PORT'] ?? '5058'}`
const [folder, kind, subject] = process.argv.slice(2)

if (folder === undefined || subject === undefined) usage()
else if (kind === 'terminal') await takeTerminalPicture(subject, path.join(folder, 'demo.png'))
else if (kind === 'job') await takeJobPictures(await workflowUrlOf(subject), folder)
else if (kind === 'blocked') await takeBlockedPictures(await workflowUrlOf(subject), folder)
else usage()

async function workflowUrlOf(jobId: string): Promise<string> {
  const answer = await fetch(`${baseUrl}/v1/bulk-jobs/${jobId}`)
  // The answer of our own API, as its OpenAPI document says.
  const job = (await answer.json()) as { readonly links?: { readonly temporal_ui: string | null } }
  const url = job.links?.temporal_ui
  if (!url) throw new Error(`${jobId} has no address in the Temporal UI (${answer.status}).`)
  return url
}

function usage(): void {
  console.error('usage: screenshots-main.ts <folder> terminal|job|blocked <file or job id>')
  process.exitCode = 64
}
