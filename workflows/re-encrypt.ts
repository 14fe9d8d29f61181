import {
  continueAsNew,
  defineQuery,
  setCurrentDetails,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow'
import type { ReEncryptInput, ReEncryptProgress } from '../contracts/re-encryption.ts'
import { database, slices } from './proxies.ts'

const progressQuery = defineQuery<ReEncryptProgress>('progress')

/**
 * Seals everything that an older key sealed with the given one, workspace by workspace. It ends when all of them
 * were gone through; what is sealed stays so, and a reset or a second run only looks again.
 */
export async function reEncrypt({ keyId, from }: ReEncryptInput): Promise<ReEncryptProgress> {
  let progress = from?.progress ?? { keyId, workspacesDone: 0, sealedAnew: 0, unreadable: 0 }
  let doneWorkspaceId = from?.doneWorkspaceId ?? ''
  let cursor = from?.cursor ?? null
  setHandler(progressQuery, () => progress)
  show(null)

  for (;;) {
    const page = await database.listWorkspaces({ afterWorkspaceId: doneWorkspaceId })
    if (page.length === 0) return progress
    for (const workspaceId of page) {
      show(workspaceId)
      do {
        const slice = await slices.reEncryptSome({ workspaceId, keyId, cursor })
        cursor = slice.cursor
        if (cursor === null) doneWorkspaceId = workspaceId
        progress = {
          keyId,
          workspacesDone: progress.workspacesDone + (cursor === null ? 1 : 0),
          sealedAnew: progress.sealedAnew + slice.sealedAnew,
          unreadable: progress.unreadable + slice.unreadable,
        }
        show(workspaceId)
        if (workflowInfo().continueAsNewSuggested) {
          await continueAsNew<typeof reEncrypt>({
            keyId,
            from: { doneWorkspaceId, cursor, progress },
          })
        }
      } while (cursor !== null)
    }
  }

  function show(workspaceId: string | null): void {
    const { workspacesDone, sealedAnew, unreadable } = progress
    setCurrentDetails(
      [
        `Sealing with the key \`${keyId}\`${workspaceId === null ? '' : `; now in the workspace \`${workspaceId}\``}.`,
        '',
        '| workspaces done | values sealed anew | values that do not open |',
        '|---|---|---|',
        `| ${workspacesDone} | ${sealedAnew} | ${unreadable} |`,
      ].join('\n'),
    )
  }
}
