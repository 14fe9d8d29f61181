import { z } from 'zod'
import type { ClientTask } from './client-run.ts'

/** An access token by the client-credentials flow. */
export async function requestToken(
  task: Pick<ClientTask, 'orgUrl' | 'clientId' | 'clientSecret'>,
): Promise<string> {
  const answer = await fetch(`${task.orgUrl}/services/oauth2/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: task.clientId,
      client_secret: task.clientSecret,
    }),
  })
  if (!answer.ok) throw new Error(`The token was refused: ${answer.status} ${await answer.text()}`)
  return z.object({ access_token: z.string() }).parse(await answer.json()).access_token
}
