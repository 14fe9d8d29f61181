import { createHash } from 'node:crypto'
import { CHANNEL_KINDS, type ChannelKind } from '../../contracts/notification.ts'
import { DEFAULT_WORKSPACE_ID } from '../../contracts/tenancy.ts'
import { createNotificationChannelQueries } from '../../db/notification-channels.ts'
import { createNotificationRuleQueries } from '../../db/notification-rules.ts'
import type { DatabaseTransactionConnection } from '../../db/pool.ts'
import type { WorkspaceDatabase } from '../../db/workspace-database.ts'
import { platformUrlHint } from '../../security/platform-url.ts'

/** All there is to tell: what Conveyor tells of itself is asked for by name. */
const EVERYTHING = ['*', 'bulk_job.*', 'endpoint.*', 'channel.*']

/**
 * Makes the channels of the default workspace what the environment says: one for each URL that it names. A channel
 * comes with a rule for everything; from then on the rule is the workspace's to change. One that the environment names
 * no more is disabled, and enabled when it does again. The URL itself is not stored. Safe from several processes.
 * @param database the default workspace's
 */
export async function reconcileEnvironmentChannels(
  database: WorkspaceDatabase,
  urls: Readonly<Record<ChannelKind, string | null>>,
): Promise<void> {
  await database.transaction(async (transaction) => {
    for (const kind of CHANNEL_KINDS) await reconcile(transaction, kind, urls[kind])
  })
}

async function reconcile(
  transaction: DatabaseTransactionConnection,
  kind: ChannelKind,
  url: string | null,
): Promise<void> {
  const channelId = `channel_environment_${kind}`
  const channels = createNotificationChannelQueries(transaction)
  const channel = (await channels.lock(channelId))?.channel ?? null
  if (url === null) {
    if (channel === null) return
    await channels.disable(channelId, 'environment', 'The environment does not name it any more.')
    return
  }
  const digest = createHash('sha256').update(url).digest('hex')
  const hint = platformUrlHint(new URL(url))
  if (channel === null) {
    const made = await channels.insert({
      ...{ channelId, workspaceId: DEFAULT_WORKSPACE_ID, kind, origin: 'environment' },
      name: kind === 'slack' ? 'Slack of the environment' : 'Discord of the environment',
      ...{ url: null, urlHint: hint, urlDigest: digest, createdBy: null },
    })
    // Another process was quicker.
    if (made === null) return
    await createNotificationRuleQueries(transaction).insert({
      ...{ ruleId: `rule_environment_${kind}`, workspaceId: DEFAULT_WORKSPACE_ID, channelId },
      ...{ name: 'Everything', events: EVERYTHING, filter: null, minimumSeverity: 'info' },
      createdBy: null,
    })
    return
  }
  const isAnother = channel.urlDigest !== digest
  if (isAnother) await channels.setDigest(channelId, hint, digest)
  // What was refused stays refused until another URL comes; what a person disabled stays so.
  const mayReturn =
    channel.disabledBy === 'environment' || (channel.disabledBy === 'answer' && isAnother)
  if (mayReturn) await channels.enable(channelId)
}
