/** Scopes of OAuth apps by their names on the wire, with the words that the approval page shows. */
const DESCRIPTIONS = {
  id: 'Access the identity URL service (id, profile, email, address, phone)',
  profile: 'Access your profile information',
  email: 'Access your email address',
  address: 'Access your address',
  phone: 'Access your phone number',
  api: 'Manage user data via APIs',
  web: 'Manage user data via Web browsers',
  full: 'Full access',
  openid: 'Access unique user identifiers',
  refresh_token: 'Perform requests at any time',
  offline_access: 'Perform requests at any time',
  visualforce: 'Access Visualforce applications',
  lightning: 'Access Lightning applications',
  content: 'Access content resources',
  custom_permissions: 'Access custom permissions',
  chatter_api: 'Access Connect REST API resources',
  wave_api: 'Access Analytics REST API resources',
  eclair_api: 'Access Analytics REST API Charts Geodata resources',
  pardot_api: 'Manage Pardot services',
  chatbot_api: 'Access chatbot services',
  interaction_api: 'Access Interaction API resources',
  einstein_gpt_api: 'Access Einstein GPT services',
  sfap_api: 'Access the Salesforce API Platform',
  scrt_api: 'Access Headless Service API resources',
  mcp_api: 'Access Salesforce hosted MCP servers',
  cdp_api: 'Manage Data Cloud data',
  cdp_ingest_api: 'Manage Data Cloud Ingestion API data',
  cdp_profile_api: 'Manage Data Cloud profile data',
  cdp_query_api: 'Perform ANSI SQL queries on Data Cloud data',
  cdp_segment_api: 'Perform segmentation on Data Cloud data',
  cdp_identityresolution_api: 'Manage Data Cloud Identity Resolution',
  cdp_calculated_insight_api: 'Manage Data Cloud calculated insight data',
  forgot_password: 'Access the Forgot Password service',
  user_registration_api: 'Access the User Registration service',
  pwdless_login_api: 'Access the Passwordless Login service',
} as const

/** The name of a scope. */
export type Scope = keyof typeof DESCRIPTIONS

// The keys of a literal object are the type's members.
export const SCOPES = Object.keys(DESCRIPTIONS) as Scope[]

/** What the approval page says of a scope. */
export function describeScope(scope: Scope): string {
  return DESCRIPTIONS[scope]
}

/** The scopes that a text with spaces names; `null` where it names one that is unknown. */
export function parseScopes(text: string): readonly Scope[] | null {
  const names = text.split(/\s+/).filter((name) => name !== '')
  const known = names.filter((name): name is Scope => Object.hasOwn(DESCRIPTIONS, name))
  return known.length === names.length ? known : null
}

/** What of the requested scopes an app may have; everything that it has where none is requested. */
export function allowedScopes(
  requested: readonly Scope[],
  app: readonly Scope[],
): readonly Scope[] {
  const asked = requested.length === 0 ? app : requested
  const granted = asked.filter((scope) => covers(app, scope)).map(oneName)
  return [...new Set(granted)]
}

/** Scopes that no flow without a user ever grants. */
export function withoutUserScopes(scopes: readonly Scope[]): readonly Scope[] {
  return scopes.filter((scope) => !['full', 'web', 'refresh_token'].includes(oneName(scope)))
}

/** Whether a grant comes with a refresh token. */
export function allowsRefresh(scopes: readonly Scope[]): boolean {
  return scopes.some((scope) => oneName(scope) === 'refresh_token')
}

/** Whether a session may call the data APIs. */
export function allowsApi(scopes: readonly Scope[]): boolean {
  return scopes.includes('api') || scopes.includes('full')
}

/** `offline_access` is another name of `refresh_token`. */
function oneName(scope: Scope): Scope {
  return scope === 'offline_access' ? 'refresh_token' : scope
}

const PARTS_OF_ID: readonly Scope[] = ['profile', 'email', 'address', 'phone']

function covers(app: readonly Scope[], scope: Scope): boolean {
  const wanted = oneName(scope)
  if (app.some((own) => oneName(own) === wanted)) return true
  if (PARTS_OF_ID.includes(scope) && app.includes('id')) return true
  // Full access encompasses every scope but this one, which must be asked for by name.
  return app.includes('full') && wanted !== 'refresh_token'
}
