import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Webhook } from 'standardwebhooks'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { z } from 'zod'
import { signDelivery } from './sign-delivery.ts'
import { findSignedText, readSignature } from './webhook-signature.ts'

const FOLDER = join(import.meta.dirname, '../docs/webhooks/signatures')
const VECTORS = join(FOLDER, 'vectors.json')
const vectors = z
  .object({
    inbound: z.array(
      z.object({
        name: z.string(),
        form: z.string(),
        secret: z.string(),
        timestamp: z.string(),
        body: z.string(),
        signed: z.string(),
        base64: z.string(),
        base64url: z.string(),
        hex: z.string(),
        accepted: z.boolean(),
      }),
    ),
    outbound: z.array(
      z.object({
        name: z.string(),
        secret: z.string(),
        headers: z.record(z.string(), z.string()),
        body: z.string(),
        now: z.number(),
        accepted: z.boolean(),
      }),
    ),
  })
  .parse(JSON.parse(readFileSync(VECTORS, 'utf8')))

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'conveyor-signatures-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))
afterEach(() => vi.useRealTimers())

describe('vectors of webhooks to Conveyor', () => {
  test('are of every form', () => {
    expect(new Set(vectors.inbound.map(({ form }) => form))).toEqual(
      new Set(['raw', 'sorted', 'python', 'json.dumps', 'json.dumps compact', 'none']),
    )
  })

  test.each(vectors.inbound.map((vector) => [vector.name, vector] as const))('%s', (_, vector) => {
    for (const text of [vector.base64, vector.base64url, vector.hex, vector.hex.toUpperCase()]) {
      const signature = readSignature(text)
      if (signature === null) throw new Error('The signature was not read.')
      const { timestamp } = vector
      const found = findSignedText({ body: Buffer.from(vector.body), timestamp, signature }, [
        vector.secret,
      ])
      expect(found === null ? null : `${timestamp}.${found}`).toBe(
        vector.accepted ? vector.signed : null,
      )
    }
  })
})

describe('vectors of deliveries', () => {
  test.each(vectors.outbound.map((vector) => [vector.name, vector] as const))(
    '%s is judged so by the library of Standard Webhooks',
    (_, vector) => {
      vi.useFakeTimers({ now: vector.now * 1_000 })
      const verify = () => new Webhook(vector.secret).verify(vector.body, vector.headers)
      if (vector.accepted) expect(verify()).toEqual(JSON.parse(vector.body))
      else expect(verify).toThrow()
    },
  )

  test('are what Conveyor sends', () => {
    const [first, , both] = vectors.outbound
    if (first === undefined || both === undefined) throw new Error('Vectors are missing.')
    const sign = (secrets: readonly string[]) =>
      signDelivery(
        secrets,
        first.headers['webhook-id'] ?? '',
        new Date(first.now * 1_000),
        first.body,
      )
    expect(sign([first.secret])).toEqual(first.headers)
    expect(sign([both.secret, first.secret])).toEqual(both.headers)
  })
})

/** What each program makes of the vectors: a signature for each body that is signed as it is sent, and its judgements. */
const expected = {
  signed: vectors.inbound.filter(({ form }) => form === 'raw').map(({ base64 }) => base64),
  verified: vectors.outbound.map(({ accepted }) => accepted),
}

function run(command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): unknown {
  const ran = spawnSync(command, args, {
    cwd: folder,
    env: { ...process.env, ...env },
    encoding: 'utf8',
  })
  expect([ran.status, ran.stderr]).toEqual([0, ''])
  return JSON.parse(ran.stdout)
}

function has(command: string, ...args: string[]): boolean {
  return spawnSync(command, args).status === 0
}

describe('the programs that people copy do what the vectors say', () => {
  test('in Node', () => {
    const script = join(folder, 'run.mjs')
    writeFileSync(
      script,
      `import { readFileSync } from 'node:fs'
import { signWebhook, verifyDelivery } from ${JSON.stringify(join(FOLDER, 'conveyor-signatures.mjs'))}
const { inbound, outbound } = JSON.parse(readFileSync(process.argv[2], 'utf8'))
console.log(JSON.stringify({
  signed: inbound.filter(({ form }) => form === 'raw').map(({ secret, body, timestamp }) => signWebhook(secret, body, timestamp)['X-Salesforce-Signature']),
  verified: outbound.map(({ secret, headers, body, now }) => verifyDelivery(secret, headers, body, now)),
}))`,
    )
    expect(run(process.execPath, [script, VECTORS])).toEqual(expected)
  })

  test('in Python', () => {
    const script = `
import json, sys
sys.dont_write_bytecode = True
sys.path.insert(0, sys.argv[1])
from conveyor_signatures import sign_webhook, verify_delivery
with open(sys.argv[2], encoding="utf-8") as file:
    vectors = json.load(file)
print(json.dumps({
    "signed": [sign_webhook(v["secret"], v["body"].encode(), v["timestamp"])["X-Salesforce-Signature"]
               for v in vectors["inbound"] if v["form"] == "raw"],
    "verified": [verify_delivery(v["secret"], v["headers"], v["body"].encode(), v["now"])
                 for v in vectors["outbound"]]}))`
    expect(run('python3', ['-c', script, FOLDER, VECTORS])).toEqual(expected)
  })

  // Not every machine that runs these tests has Go.
  test.runIf(has('go', 'version'))('in Go', { timeout: 180_000 }, () => {
    copyFileSync(join(FOLDER, 'conveyor_signatures.go'), join(folder, 'conveyor_signatures.go'))
    writeFileSync(join(folder, 'go.mod'), 'module signatures\n\ngo 1.21\n')
    writeFileSync(
      join(folder, 'main.go'),
      `package main

import (
	"encoding/json"
	"net/textproto"
	"os"
	"strconv"
	"time"
)

type vector struct {
	Form, Secret, Timestamp, Body string
	Headers                       map[string]string
	Now                           int64
}

func main() {
	text, err := os.ReadFile(os.Args[1])
	if err != nil {
		panic(err)
	}
	var vectors struct{ Inbound, Outbound []vector }
	if err := json.Unmarshal(text, &vectors); err != nil {
		panic(err)
	}
	signed, verified := []string{}, []bool{}
	for _, v := range vectors.Inbound {
		if v.Form != "raw" {
			continue
		}
		seconds, _ := strconv.ParseInt(v.Timestamp, 10, 64)
		headers := textproto.MIMEHeader{}
		SignWebhook(headers, v.Secret, []byte(v.Body), time.Unix(seconds, 0))
		signed = append(signed, headers.Get("X-Salesforce-Signature"))
	}
	for _, v := range vectors.Outbound {
		headers := textproto.MIMEHeader{}
		for name, value := range v.Headers {
			headers.Set(name, value)
		}
		verified = append(verified, VerifyDelivery(headers, v.Secret, []byte(v.Body), time.Unix(v.Now, 0)))
	}
	json.NewEncoder(os.Stdout).Encode(map[string]any{"signed": signed, "verified": verified})
}
`,
    )
    // Nothing is downloaded, neither modules nor another Go.
    const offline = { GOPROXY: 'off', GOTOOLCHAIN: 'local', GOFLAGS: '-mod=mod' }
    expect(run('go', ['run', '.', VECTORS], offline)).toEqual(expected)
  })
})
