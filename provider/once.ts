/** What may be remembered of an asynchronous answer. */
export type Remember = "successes" | "everything";

/**
 * Makes a function whose answer for each key is asked for once and shared, by callers at the same time too.
 *
 * @param remember - `successes` forgets a failure, so that the next caller asks again; `everything` shares it as well.
 *
 * @example
 * const team = oncePerKey("successes", (url: string) => ask(url));
 */
export function oncePerKey<T>(remember: Remember, ask: (key: string) => Promise<T>): (key: string) => Promise<T> {
    const answers = new Map<string, Promise<T>>();
    return (key) => {
        const known = answers.get(key);
        if (known !== undefined) {
            return known;
        }
        const answer = ask(key);
        answers.set(key, answer);
        if (remember === "successes") {
            answer.catch(() => answers.delete(key));
        }
        return answer;
    };
}
