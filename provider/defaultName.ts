/**
 * The input in which a program's class says which name it gave a key by default: `<project>-<stack>-<logical name>`. The
 * provider cannot know that by itself, for a dynamic host is told no URN. The check takes it off, so that it stands in no
 * preview and in no state.
 */
export const DEFAULT_NAME = "__defaultName";
