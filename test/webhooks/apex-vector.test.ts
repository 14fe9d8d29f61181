import { createHmac } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'

const SENDER = new URL('../../docs/salesforce/sender/', import.meta.url)
const MAIN = new URL('force-app/main/default/', SENDER)

async function constantsOf(apexClass: string): Promise<ReadonlyMap<string, string>> {
  const source = await readFile(new URL(`classes/${apexClass}.cls`, MAIN), 'utf8')
  const found = source.matchAll(
    /private static final String ([A-Z]+)\s*=\s*'((?:[^'\\]|\\.)*)'\s*;/g,
  )
  return new Map(Array.from(found, ([, name = '', text = '']) => [name, text]))
}

describe('the Apex sender', () => {
  it('asserts the signature that Node makes of the same secret, timestamp and body', async () => {
    const constants = await constantsOf('ConveyorRequestTest')
    const [secret, timestamp, body] = ['SECRET', 'TIMESTAMP', 'BODY'].map(
      (name) => constants.get(name) ?? '',
    )
    expect([secret, timestamp, body]).not.toContain('')
    // An escape would mean another text in Apex than here.
    expect(`${secret}${timestamp}${body}`).not.toContain('\\')
    const signature = createHmac('sha256', `${secret}`)
      .update(`${timestamp}.${body}`)
      .digest('base64')
    expect(constants.get('SIGNATURE')).toBe(signature)
  })

  it('has metadata beside each class and trigger, of the version of the project', async () => {
    const project: unknown = JSON.parse(
      await readFile(new URL('sfdx-project.json', SENDER), 'utf8'),
    )
    expect(project).toMatchObject({ sourceApiVersion: '64.0' })
    for (const [folder, ending] of [
      ['classes/', '.cls'],
      ['triggers/', '.trigger'],
    ] as const) {
      const sources = (await readdir(new URL(folder, MAIN))).filter((name) => name.endsWith(ending))
      expect(sources).not.toEqual([])
      for (const name of sources) {
        const metadata = await readFile(new URL(`${folder}${name}-meta.xml`, MAIN), 'utf8')
        expect(metadata, name).toContain('<apiVersion>64.0</apiVersion>')
      }
    }
  })
})
