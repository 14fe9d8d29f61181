/** Whether the process is about to stop: it still answers, and asks to be sent nothing more. */
export interface Drain {
  isActive(): boolean
  begin(): void
}

export function createDrain(): Drain {
  let active = false
  return {
    isActive: () => active,
    begin() {
      active = true
    },
  }
}
