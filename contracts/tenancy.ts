/** The workspace and the connection that exist from the first migration on. */
export const DEFAULT_WORKSPACE_ID = 'default'
export const DEFAULT_CONNECTION_ID = 'default'
