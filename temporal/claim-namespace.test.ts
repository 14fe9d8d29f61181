import { ScheduleNotFoundError, ServiceError } from '@temporalio/client'
import { expect, test } from 'vitest'
import { INSTALLATION_MARK_ID } from '../contracts/workflow-ids.ts'
import { claimNamespace } from './claim-namespace.ts'
import { ForeignNamespaceError } from './foreign-namespace-error.ts'

function refusing(code: number) {
  const cause = Object.assign(new Error(`status ${code}`), { code, details: '', metadata: {} })
  return () => Promise.reject(new ServiceError('Failed', { cause }))
}

/** A server that answers every call about Schedules with this status. */
function answering(code: number) {
  const refuse = refusing(code)
  return { create: refuse, getHandle: () => ({ describe: refuse }) as never }
}

/** A server with the mark of another installation, which may be read; only what is given may be removed. */
function markedByAnother(code: number, mayRemove: (scheduleId: string) => boolean) {
  const removed = new Set<string>()
  return {
    create: refusing(code),
    getHandle: (scheduleId: string) =>
      ({
        async describe() {
          if (removed.has(scheduleId)) throw new ScheduleNotFoundError('none', scheduleId)
          return { memo: { installation: 'bbbbbbbbbbbb' } }
        },
        async delete() {
          if (!mayRemove(scheduleId)) await refusing(code)()
          removed.add(scheduleId)
        },
        // The handle of the client has much that nobody asks for here.
      }) as never,
  }
}

const claim = {
  installationId: 'aaaaaaaaaaaa',
  address: 'temporal.example.com:7233',
  namespace: 'default',
  takeOver: false,
}

test.each([7, 12])('runs without a mark where it may not make one: status %i', async (code) => {
  expect(await claimNamespace(answering(code), claim)).toMatchObject({
    kind: 'unmarked',
    why: expect.stringContaining(`status ${code}`),
  })
})

test('a server that is away says nothing of whose it is', async () => {
  await expect(claimNamespace(answering(14), claim)).rejects.toThrow('Failed')
})

test.each([
  ['nothing', () => false],
  ['only the daily Schedule', (scheduleId: string) => scheduleId !== INSTALLATION_MARK_ID],
  ['all, but make no mark', () => true],
])('takes over no namespace where it may remove %s', async (_what, mayRemove) => {
  for (const code of [7, 12]) {
    const taking = claimNamespace(markedByAnother(code, mayRemove), { ...claim, takeOver: true })
    await expect(taking).rejects.toThrow(ForeignNamespaceError)
    await expect(taking).rejects.toThrow('belongs to the installation bbbbbbbbbbbb')
    await expect(taking).rejects.toThrow(`refused: Error: status ${code}`)
  }
})
