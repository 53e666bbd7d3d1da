using System.Security.Cryptography;
using Funion.Cli.Console;
using Funion.Cli.Network;
using Funion.Cryptography;
using Funion.Network;
using Funion.Private.Enclaves;

namespace Funion.Cli.Enclaves;

/// <summary>
/// The key of an owner of models: whoever has it provides models in the owner's name.
/// <code>
/// file = "funion-model-owner-key-v1\n" ‖ seed 32          for the owner only, with a sum
/// </code>
/// </summary>
static class OwnerKeyFile
{
    static ReadOnlySpan<byte> Magic => "funion-model-owner-key-v1\n"u8;

    /// <summary>The owner, with a fresh key when there is no file and one may be made; null when an error was printed.</summary>
    public static ModelOwner? Load(Output output, string path, bool make)
    {
        ModelOwner? owner = null;
        KeyFileOutcome outcome = SecretFile.Read(path, body => (owner = TryParse(body.Span)) is not null);
        if (outcome == KeyFileOutcome.Missing && make && !File.Exists(path))
        {
            byte[] body = [.. Magic, .. RandomNumberGenerator.GetBytes(Ed25519.SeedSize)];
            KeyFiles.MakeFolder(path);
            SecretFile.Write(path, body);
            owner = TryParse(body);
            CryptographicOperations.ZeroMemory(body);
        }
        if (owner is null)
        {
            _ = outcome switch
            {
                KeyFileOutcome.Missing => output.Error(ExitCode.Failed, $"{path} cannot be read.", "make a key with: funion model policy --key FILE"),
                KeyFileOutcome.TooOpen => output.Error(ExitCode.Failed, $"{path} can be read by others than its owner.", $"chmod 600 {path}"),
                _ => output.Error(ExitCode.Failed, $"{path} is damaged or holds other keys."),
            };
        }
        return owner;
    }

    /// <summary>Reads the body of a file.</summary>
    internal static ModelOwner? TryParse(ReadOnlySpan<byte> body) =>
        body.Length == Magic.Length + Ed25519.SeedSize && body.StartsWith(Magic) ? new ModelOwner(body[Magic.Length..]) : null;
}
