import { ORG_ID } from '../org.ts'

/** The addresses of an org's APIs as identity answers list them; `version` may be the literal `{version}`. */
export function apiUrls(baseUrl: string, userId: string, version: string): Record<string, string> {
  const soap = (api: string) => `${baseUrl}/services/Soap/${api}/${version}/${ORG_ID.slice(0, 15)}`
  const rest = (path: string) => `${baseUrl}/services/data/v${version}/${path}`
  return {
    enterprise: soap('c'),
    metadata: soap('m'),
    partner: soap('u'),
    rest: rest(''),
    sobjects: rest('sobjects/'),
    search: rest('search/'),
    query: rest('query/'),
    recent: rest('recent/'),
    tooling_soap: soap('T'),
    tooling_rest: rest('tooling/'),
    profile: `${baseUrl}/${userId}`,
    feeds: rest('chatter/feeds'),
    groups: rest('chatter/groups'),
    users: rest('chatter/users'),
    feed_items: rest('chatter/feed-items'),
    feed_elements: rest('chatter/feed-elements'),
    custom_domain: baseUrl,
  }
}
