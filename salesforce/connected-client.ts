import { setTimeout as sleep } from 'node:timers/promises'
import type { ApiAnswer } from './api-answer.ts'
import { createSalesforceClient, type SalesforceClient } from './client.ts'
import { type ScriptedOrg, startScriptedOrg, TOKEN_ROUTE, token } from './scripted-org.ts'
import { createSessionSource } from './tokens.ts'

/** Tests only: a client with the scripted org that it talks to. */
export interface ConnectedClient {
  readonly org: ScriptedOrg
  readonly client: SalesforceClient
  readonly answers: readonly ApiAnswer[]
  close(): Promise<void>
}

/** The org grants the tokens `t1`, then `t2` for ever. */
export async function connectClient(timeoutMs = 2_000): Promise<ConnectedClient> {
  const org = await startScriptedOrg()
  org.route(TOKEN_ROUTE, token(org, 't1'), token(org, 't2'))
  const answers: ApiAnswer[] = []
  const client = createSalesforceClient({
    sessions: createSessionSource({
      credentials: {
        grant: 'client_credentials',
        loginUrl: org.url,
        clientId: 'app',
        clientSecret: 'secret',
      },
      fetchTimeoutMs: timeoutMs,
    }),
    apiVersion: '67.0',
    timeoutMs,
    async onAnswer(answer) {
      // Later than the answer's last byte, as a database would be.
      await sleep(2)
      answers.push(answer)
    },
  })
  return {
    org,
    client,
    answers,
    async close() {
      await org.close()
      await client.close()
    },
  }
}
