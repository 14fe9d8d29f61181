/** What sealed histories are sealed with: they stand in the repository, so it is no secret. */
export const REPLAY_KEY = 'a key for histories that are replayed in tests'
