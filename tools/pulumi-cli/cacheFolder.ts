import { homedir } from "node:os";
import { posix, win32 } from "node:path";

/** Where this user's caches of this project lie: by the rules of the platform. */
export function cacheFolder(
    platform: NodeJS.Platform = process.platform,
    environment: NodeJS.ProcessEnv = process.env,
    home: string = homedir(),
): string {
    switch (platform) {
        case "win32":
            return win32.join(environment["LOCALAPPDATA"] || win32.join(home, "AppData", "Local"), "pulumi-xai");
        case "darwin":
            return posix.join(home, "Library", "Caches", "pulumi-xai");
        default: {
            // The XDG specification has a relative path ignored.
            const named = environment["XDG_CACHE_HOME"] ?? "";
            return posix.join(posix.isAbsolute(named) ? named : posix.join(home, ".cache"), "pulumi-xai");
        }
    }
}
