/** Seconds that two things took in the same round. */
export interface Round {
    readonly base: number;
    readonly subject: number;
}

/**
 * Measures something beside what it is held against. Each runs once a round and begins every other one, so that
 * whatever else the machine does falls on both alike; a first round, in which files come into memory, does not count.
 *
 * @throws what either of them throws: a run that fails is not measured
 */
export async function sideBySide(
    base: () => Promise<void>,
    subject: () => Promise<void>,
    rounds: number,
): Promise<Round[]> {
    await base();
    await subject();
    const measured: Round[] = [];
    for (let round = 0; round < rounds; round++) {
        if (round % 2 === 0) {
            const first = await secondsOf(base);
            measured.push({ base: first, subject: await secondsOf(subject) });
        } else {
            const first = await secondsOf(subject);
            measured.push({ base: await secondsOf(base), subject: first });
        }
    }
    return measured;
}

async function secondsOf(work: () => Promise<void>): Promise<number> {
    const start = performance.now();
    await work();
    return (performance.now() - start) / 1000;
}
