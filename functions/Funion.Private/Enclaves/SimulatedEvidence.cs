using System.Text;
using Funion.Cryptography;

namespace Funion.Private.Enclaves;

/// <summary>
/// Evidence that proves NOTHING: signed with a key that stands in this file. It is there so that everything else can be tried without hardware, says so in its first
/// line, and is refused unless whoever verifies asks for it.
/// <code>
/// evidence = "INSECURE SIMULATED ENCLAVE, PROVES NOTHING\n" ‖ identity ‖ signature 64
/// </code>
/// </summary>
public static class SimulatedEvidence
{
    /// <summary>Length in bytes.</summary>
    public static int Size => Label.Length + EnclaveIdentity.Size + Ed25519.SignatureSize;

    static ReadOnlySpan<byte> Label => "INSECURE SIMULATED ENCLAVE, PROVES NOTHING\n"u8;

    /// <summary>The seed that everybody knows.</summary>
    static ReadOnlySpan<byte> Seed => "this key is public; it is no key"u8;

    /// <summary>Evidence for an identity.</summary>
    public static byte[] Sign(EnclaveIdentity identity)
    {
        ArgumentNullException.ThrowIfNull(identity);
        byte[] body = [.. Label, .. identity.ToBytes()], signature = new byte[Ed25519.SignatureSize];
        Ed25519.Sign(Seed, PublicKey(), body, signature);
        return [.. body, .. signature];
    }

    /// <summary>Whether bytes say that they are evidence of this kind.</summary>
    public static bool IsSimulated(ReadOnlySpan<byte> evidence) => evidence.StartsWith(Label);

    /// <summary>The identity that evidence is about; null when it is none.</summary>
    public static EnclaveIdentity? TryRead(ReadOnlySpan<byte> evidence) =>
        evidence.Length == Size && IsSimulated(evidence) && Ed25519.Verify(PublicKey(), evidence[..^Ed25519.SignatureSize], evidence[^Ed25519.SignatureSize..])
            ? EnclaveIdentity.TryRead(evidence[Label.Length..^Ed25519.SignatureSize])
            : null;

    /// <summary>What it says of itself.</summary>
    public static string Warning => Encoding.ASCII.GetString(Label).TrimEnd();

    static byte[] PublicKey()
    {
        byte[] key = new byte[Ed25519.PublicKeySize];
        Ed25519.PublicKey(Seed, key);
        return key;
    }
}
