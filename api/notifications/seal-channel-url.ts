import type { ChannelKind } from '../../contracts/notification.ts'
import { channelUrlContext } from '../../db/notification-channels.ts'
import { checkPlatformUrl, platformUrlHint } from '../../security/platform-url.ts'
import { requireEncryption } from '../connections/require-app.ts'
import type { ApiDependencies } from '../dependencies.ts'
import { ApiError } from '../errors.ts'

/**
 * A channel's URL as it is stored, and what people see of it.
 * @throws {ApiError} `invalid_channel_url`, `encryption_key_required`; nothing of the URL is in them.
 */
export function sealChannelUrl(
  deps: ApiDependencies,
  channelId: string,
  kind: ChannelKind,
  text: string,
): { readonly sealed: Buffer; readonly hint: string } {
  const checked = checkPlatformUrl(kind, text, deps.settings.callbackRules)
  if (!checked.ok) throw new ApiError('invalid_channel_url', `The field url: ${checked.message}`)
  requireEncryption(deps)
  return {
    sealed: deps.sealing.seal(channelUrlContext(channelId), Buffer.from(checked.url.href)),
    hint: platformUrlHint(checked.url),
  }
}
