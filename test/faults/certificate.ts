import { generateKeyPairSync, sign } from "node:crypto";

/**
 * A certificate for a server of these tests, signed by itself and made anew in each process: what lies in a repository for
 * this purpose looks like a key that leaked. In PEM.
 */
export function selfSigned(): { readonly key: string; readonly cert: string } {
    const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const algorithm = sequence(ECDSA_WITH_SHA256);
    const name = sequence(tagged(0x31, sequence(COMMON_NAME, tagged(0x0c, Buffer.from("localhost")))));
    const validity = sequence(utcTime("200101000000Z"), utcTime("491231235959Z"));
    const version = tagged(0xa0, tagged(0x02, Buffer.from([2])));
    const serial = tagged(0x02, Buffer.from([1]));
    const body = sequence(
        version,
        serial,
        algorithm,
        name,
        validity,
        name,
        publicKey.export({ type: "spki", format: "der" }),
    );
    const signature = sign("sha256", body, privateKey);
    const whole = sequence(body, algorithm, tagged(0x03, Buffer.concat([Buffer.from([0]), signature])));
    return {
        key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
        cert: `-----BEGIN CERTIFICATE-----\n${whole.toString("base64")}\n-----END CERTIFICATE-----\n`,
    };
}

const ECDSA_WITH_SHA256 = Buffer.from("06082a8648ce3d040302", "hex");
const COMMON_NAME = Buffer.from("0603550403", "hex");

/** A value of ASN.1 in DER: its tag, its length and its bytes, fewer than 65,536. */
function tagged(tag: number, bytes: Buffer): Buffer {
    const { length } = bytes;
    const lengths = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
    return Buffer.concat([Buffer.from([tag, ...lengths]), bytes]);
}

function sequence(...parts: readonly Buffer[]): Buffer {
    return tagged(0x30, Buffer.concat(parts));
}

function utcTime(text: string): Buffer {
    return tagged(0x17, Buffer.from(text));
}
