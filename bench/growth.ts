/** A figure at some number of keys. */
export interface Point {
    readonly keys: number;
    readonly value: number;
}

/**
 * How a figure grows with the number of keys: the exponent of the power that fits best, 1 for proportional. The least
 * squares of the logarithms; `undefined` where there are fewer than two numbers of keys, or a figure is not above 0.
 */
export function exponentOf(points: readonly Point[]): number | undefined {
    if (new Set(points.map(({ keys }) => keys)).size < 2 || points.some(({ value }) => !(value > 0))) {
        return undefined;
    }
    const logs = points.map(({ keys, value }) => ({ x: Math.log(keys), y: Math.log(value) }));
    const middle = (values: readonly number[]): number => values.reduce((sum, one) => sum + one, 0) / values.length;
    const x = middle(logs.map((log) => log.x));
    const y = middle(logs.map((log) => log.y));
    const covariance = middle(logs.map((log) => (log.x - x) * (log.y - y)));
    return covariance / middle(logs.map((log) => (log.x - x) ** 2));
}
