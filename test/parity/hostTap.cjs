// Loaded into the dynamic host before anything else (`node -r`): writes each call that the provider gets, one JSON line
// each, to the file that HOST_CALLS names. The host of every engine is the same program, so is what stands here.
const { appendFileSync } = require("node:fs");
const { createRequire } = require("node:module");

const file = process.env.HOST_CALLS;
const script = process.argv[1] ?? "";

if (file !== undefined && /[\\/]cmd[\\/]dynamic-provider/.test(script)) {
    const grpc = createRequire(script)("@grpc/grpc-js");
    const { addService } = grpc.Server.prototype;
    grpc.Server.prototype.addService = function (service, implementation) {
        return addService.call(this, service, tapped(implementation));
    };
}

function tapped(implementation) {
    for (const operation of ["check", "diff", "create", "read", "update", "delete"]) {
        const untapped = implementation[operation];
        implementation[operation] = function (call, callback) {
            appendFileSync(file, `${JSON.stringify({ operation, ...read(call.request) })}\n`);
            return untapped.call(this, call, callback);
        };
    }
    return implementation;
}

/** What the request holds, as far as there is such a field in it. */
function read(request) {
    const fields = { urn: "getUrn", id: "getId", inputs: "getInputs", oldInputs: "getOldInputs", olds: "getOlds" };
    const all = { ...fields, news: "getNews", properties: "getProperties" };
    const values = Object.entries(all).map(([name, getter]) => {
        const value = request[getter]?.();
        return [name, typeof value === "object" ? value?.toJavaScript() : value];
    });
    return Object.fromEntries(values);
}
