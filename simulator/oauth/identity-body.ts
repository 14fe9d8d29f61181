import type { Org } from '../http/org-context.ts'
import { ORG_ID } from '../org.ts'
import type { AnswerBody } from './answer-format.ts'
import { apiUrls } from './api-urls.ts'
import { identityUrl } from './identity-url.ts'
import type { OrgUser } from './user-directory.ts'
import { standardOffset } from './utc-offset.ts'

/** What the identity URL says of a user. `version` is what stands in the addresses of the APIs. */
export function identityBody(org: Org, user: OrgUser, isOwn: boolean, version: string): AnswerBody {
  return {
    id: identityUrl(org, user.id),
    asserted_user: isOwn,
    user_id: user.id,
    organization_id: ORG_ID,
    username: user.username,
    nick_name: nickname(user),
    display_name: user.name,
    email: user.text('Email'),
    email_verified: true,
    first_name: user.text('FirstName'),
    last_name: user.text('LastName'),
    timezone: timeZone(user),
    photos: photos(org),
    addr_street: user.text('Street'),
    addr_city: user.text('City'),
    addr_state: user.text('State'),
    addr_country: user.text('Country'),
    addr_zip: user.text('PostalCode'),
    mobile_phone: user.text('MobilePhone'),
    mobile_phone_verified: false,
    is_lightning_login_user: false,
    status: { created_date: null, body: null },
    urls: apiUrls(org.baseUrl(), user.id, version),
    active: user.isActive,
    user_type: userType(user),
    language: language(user),
    locale: locale(user),
    utcOffset: standardOffset(timeZone(user)),
    last_modified_date: timestamp(user.modified),
    is_app_installed: true,
  }
}

/** What the userinfo endpoint says of the session's own user, with the names of OpenID Connect. */
export function userinfoBody(org: Org, user: OrgUser): AnswerBody {
  const { picture, ...others } = photos(org)
  const addressParts = {
    street_address: user.text('Street'),
    locality: user.text('City'),
    region: user.text('State'),
    postal_code: user.text('PostalCode'),
    country: user.text('Country'),
  }
  const phone = user.text('MobilePhone') ?? user.text('Phone')
  return {
    sub: identityUrl(org, user.id),
    user_id: user.id,
    organization_id: ORG_ID,
    preferred_username: user.username,
    nickname: nickname(user),
    name: user.name,
    email: user.text('Email'),
    email_verified: true,
    given_name: user.text('FirstName'),
    family_name: user.text('LastName'),
    zoneinfo: timeZone(user),
    photos: { picture, ...others },
    profile: `${org.baseUrl()}/${user.id}`,
    picture,
    ...(phone === null ? {} : { phone_number: phone, phone_number_verified: false }),
    address: Object.fromEntries(Object.entries(addressParts).filter(([, part]) => part !== null)),
    is_salesforce_integration_user: false,
    urls: apiUrls(org.baseUrl(), user.id, '{version}'),
    active: user.isActive,
    user_type: userType(user),
    language: language(user),
    locale: locale(user),
    utcOffset: standardOffset(timeZone(user)),
    updated_at: timestamp(user.modified),
    is_app_installed: true,
  }
}

function photos(org: Org) {
  const base = `${org.baseUrl()}/profilephoto/005`
  return { picture: `${base}/F`, thumbnail: `${base}/T` }
}

const nickname = (user: OrgUser) =>
  user.text('CommunityNickname') ?? user.text('Alias') ?? user.username
const timeZone = (user: OrgUser) => user.text('TimeZoneSidKey') ?? 'GMT'
const locale = (user: OrgUser) => user.text('LocaleSidKey') ?? 'en_US'
const language = (user: OrgUser) => user.text('LanguageLocaleKey') ?? 'en_US'
const userType = (user: OrgUser) => (user.text('UserType') ?? 'Standard').toUpperCase()

/** These answers have seconds, no more. */
function timestamp(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z')
}
