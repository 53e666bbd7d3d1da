using Funion.Verification;

namespace Funion.Cli.Verified;

/// <summary>A pool, where it lies, and whether it is the user's own: one that lies beside a network document is known to whoever runs the network.</summary>
/// <param name="File">Its path.</param>
/// <param name="Digest">Of the file, with whatever of it is not used.</param>
/// <param name="Pool">What is used of it.</param>
/// <param name="Own">Whether it is the user's own.</param>
sealed record HomePool(string File, Bytes32 Digest, SamplePool Pool, bool Own);
