using System.Security.Cryptography;
using Funion.Cli.Console;
using Funion.Cli.Network;
using Funion.Cryptography;
using Funion.Network;
using Funion.Private.Enclaves;

namespace Funion.Cli.Enclaves;

/// <summary>
/// Keys of somebody whom the policy of a hidden model names. Questions under them are linked to each other, for the enclave; nobody else reads them.
/// <code>
/// file = "funion-enclave-asker-v1\n" ‖ seed of the Ed25519 key that asks 32 ‖ X25519 secret that opens answers 32          for the owner only, with a sum
/// </code>
/// </summary>
static class AskerKeyFile
{
    static ReadOnlySpan<byte> Magic => "funion-enclave-asker-v1\n"u8;

    /// <summary>The keys, fresh when there is no file and one may be made; null with a sentence.</summary>
    public static DataOwner? Load(string path, bool make, out string problem)
    {
        DataOwner? asker = null;
        KeyFileOutcome outcome = SecretFile.Read(path, body => (asker = TryParse(body.Span)) is not null);
        if (outcome == KeyFileOutcome.Missing && make && !File.Exists(path))
        {
            byte[] body = [.. Magic, .. RandomNumberGenerator.GetBytes(Ed25519.SeedSize + X25519.Size)];
            KeyFiles.MakeFolder(path);
            SecretFile.Write(path, body);
            asker = TryParse(body);
            CryptographicOperations.ZeroMemory(body);
        }
        problem = outcome switch
        {
            KeyFileOutcome.Missing => File.Exists(path) ? $"{path} may not be read." : $"There is no file {path}.",
            KeyFileOutcome.TooOpen => $"{path} can be read by others than its owner: chmod 600 it.",
            _ => $"{path} is damaged or holds other keys.",
        };
        return asker;
    }

    /// <summary>Reads the body of a file.</summary>
    internal static DataOwner? TryParse(ReadOnlySpan<byte> body) => body.Length == Magic.Length + Ed25519.SeedSize + X25519.Size && body.StartsWith(Magic)
        ? new DataOwner(body.Slice(Magic.Length, Ed25519.SeedSize), body[(Magic.Length + Ed25519.SeedSize)..])
        : null;
}
