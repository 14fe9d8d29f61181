import { DEFAULT_CONNECTION_ID, DEFAULT_WORKSPACE_ID } from '../../contracts/tenancy.ts'
import { mirrorScheduleId } from '../../contracts/workflow-ids.ts'
import { createRecords } from '../mirror/org-records.ts'
import type { TestConveyor } from '../setup/conveyor.ts'

export const MIRROR_ENVIRONMENT = { CONVEYOR_MIRROR_BULK_FROM: '5' }

interface RecordedMirror {
  readonly workflowId: string
  readonly runId: string
  readonly scenario: string | null
}

/** Runs of a pull whose histories are worth keeping, one after the other. */
export async function* mirrorHistories(conveyor: TestConveyor): AsyncGenerator<RecordedMirror> {
  const { org, starters, temporal } = conveyor
  const input = { connectionId: DEFAULT_CONNECTION_ID, workspaceId: DEFAULT_WORKSPACE_ID }
  const workflowId = mirrorScheduleId(conveyor.installationId, DEFAULT_CONNECTION_ID)
  const begin = async (scenario: string | null): Promise<RecordedMirror> => {
    await starters.pullMirror(input)
    const { runId } = await temporal.client.workflow.getHandle(workflowId).describe()
    return { workflowId, runId, scenario }
  }
  const records = await createRecords(conveyor)
  await records.insert('Account', 20, (n) => ({ Name: `Account ${n}` }))
  await org.set({ bulkStartDelayMs: 3_000 })
  yield await begin(null)

  await org.addFault({
    ...{ match: { call: 'token' }, times: 'always' },
    action: { type: 'status', status: 400, errorCode: 'invalid_grant' },
  })
  await org.expireSessions()
  yield await begin('blocked')
  await org.clearFaults()
}
