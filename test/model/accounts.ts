/**
 * The keys that a stack made and that no resource of it holds: each has to be accounted for, by the id in a message or by a
 * create of which nobody could hear more.
 */

/** An operation as it bears on them. */
export interface Ended {
    /** Whether the engine itself was killed, so that nobody heard anything. */
    readonly isSilent: boolean;
    readonly messages: readonly string[];
    /** The keys that the server has since, and that no resource holds. */
    readonly unheld: readonly string[];
}

/** What a create says whose answer was lost; and what either engine says of one whose host was killed. */
const OPEN_CREATE = /The key may exist all the same|ended \(SIGKILL\) during create|error reading from server: /;

/**
 * The keys that an operation left behind and did not account for: it said an id, or that a create's end is not known. Each
 * such message stands for one key at most, whichever it names: of equal creates nobody knows which made what.
 */
export function unaccounted({ isSilent, messages, unheld }: Ended): readonly string[] {
    const open = messages.filter((message) => OPEN_CREATE.test(message));
    const others = messages.filter((message) => !OPEN_CREATE.test(message));
    const left = unheld.filter((id) => !others.some((message) => message.includes(id)));
    return isSilent || left.length <= open.length ? [] : left;
}

const LEFT_BEHIND = /^(?:(\d+) of the )?(?:the )?API keys? (\S+(?:, \S+)*) of team \S+ ha(?:s|ve) the default name/i;

/** What a warning says of keys that an interrupted update left behind: which, and how many of them. */
export interface LeftBehind {
    readonly ids: readonly string[];
    readonly count: number;
}

/** The warnings of keys left behind among messages. */
export function leftBehind(messages: readonly string[]): readonly LeftBehind[] {
    return messages.flatMap((message) => {
        const [, some, list] = LEFT_BEHIND.exec(message) ?? [];
        const ids = list?.split(", ");
        return ids === undefined ? [] : [{ ids, count: some === undefined ? ids.length : Number(some) }];
    });
}
