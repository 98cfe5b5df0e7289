// Loaded into the provider's process before anything else (`node -r`): moves its clock by as many milliseconds as stand in the
// file that HOST_CLOCK names, read anew each time. Both hosts are known by the program that they run.
const { readFileSync } = require("node:fs");

const file = process.env.HOST_CLOCK;

if (file !== undefined && /[\\/](cmd[\\/]dynamic-provider|pulumi-resource-xai)/.test(process.argv[1] ?? "")) {
    const RealDate = Date;
    const now = () => RealDate.now() + Number(readFileSync(file, "utf8"));
    globalThis.Date = class MovedDate extends RealDate {
        constructor(...given) {
            super(...(given.length === 0 ? [now()] : given));
        }

        static now() {
            return now();
        }
    };
}
