import { createOauthClient } from '../../simulator/testing/oauth-client.ts'

/** Goes to the address as a person with a browser does, decides there, and gives where the browser is sent back to. */
export function decideAt(authorizationUrl: string, decision: 'allow' | 'deny'): Promise<URL> {
  const { origin, searchParams } = new URL(authorizationUrl)
  return createOauthClient(origin).decide(Object.fromEntries(searchParams), decision)
}

/** An app of the simulated org, made or changed. */
export async function putApp(
  orgUrl: string,
  app: Readonly<Record<string, unknown>> & { readonly clientId: string },
): Promise<void> {
  const response = await fetch(`${orgUrl}/__simulator/apps`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(app),
  })
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`)
}
