using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Funion.Cli.Console;
using Funion.Network;

namespace Funion.Cli.Network;

/// <summary>
/// What this user pinned, and the last document accepted of each network, in <see cref="FunionHome"/>:
/// <c>trust/NAME.authorities</c> is a pin, <c>trust/NAME.known</c> is <c>{"hash":hex,"version":n}</c>, <c>trust/NAME.gateway</c> a node id in hex.
/// </summary>
static class TrustStore
{
    const int MostBytes = CanonicalJson.MaxSize;

    static string Folder => Path.Combine(FunionHome.Path, "trust");

    /// <summary>All pins, by name of the network.</summary>
    public static IReadOnlyList<TrustedAuthorities> Pins()
    {
        List<TrustedAuthorities> pins = [];
        foreach (string path in Files())
        {
            if (TryReadPin(path, out TrustedAuthorities? pin))
            {
                pins.Add(pin);
            }
        }

        return pins;
    }

    /// <summary>The pin of a network, or null.</summary>
    public static TrustedAuthorities? Pin(string network) => Pins().FirstOrDefault(pin => pin.Network == network);

    /// <summary>Only names that <see cref="NetworkRules"/> allows become file names.</summary>
    public static bool IsFileName(string network) =>
        network.Length is > 0 and <= 64 && network.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-');

    public static void Save(TrustedAuthorities pin) => Write($"{pin.Network}.authorities", pin.ToBytes());

    public static void Forget(string network) => File.Delete(Path.Combine(Folder, $"{network}.known"));

    public static KnownDocument? Known(string network)
    {
        if (!TryReadFile(Path.Combine(Folder, $"{network}.known"), out byte[]? bytes) || !CanonicalJson.TryParse(bytes, out JsonElement json)
            || json.ValueKind != JsonValueKind.Object || !json.TryGetProperty("hash", out JsonElement hash)
            || !json.TryGetProperty("version", out JsonElement version) || hash.ValueKind != JsonValueKind.String
            || version.ValueKind != JsonValueKind.Number || hash.GetString() is not { Length: 64 } hex || !hex.All(char.IsAsciiHexDigit))
        {
            return null;
        }

        return new KnownDocument(version.GetInt64(), Convert.FromHexString(hex));
    }

    public static void Remember(NetworkDocument document)
    {
        KnownDocument known = KnownDocument.Of(document);
        JsonObject json = new() { ["hash"] = Convert.ToHexStringLower(known.Hash), ["version"] = known.Version };
        Write($"{document.Name}.known", CanonicalJson.Encode(json));
    }

    /// <summary>The gateway that was chosen, or null.</summary>
    public static NodeId? Gateway(string network) =>
        TryReadFile(Path.Combine(Folder, $"{network}.gateway"), out byte[]? bytes)
        && Encoding.UTF8.GetString(bytes).Trim() is { Length: 2 * NodeId.Size } hex && hex.All(char.IsAsciiHexDigit)
            ? new NodeId(Convert.FromHexString(hex))
            : null;

    public static void Choose(string network, NodeId gateway) => Write($"{network}.gateway", Encoding.UTF8.GetBytes(gateway + "\n"));

    public static bool TryReadPin(string path, [NotNullWhen(true)] out TrustedAuthorities? pin)
    {
        pin = null;
        return TryReadFile(path, out byte[]? bytes) && TrustedAuthorities.TryParse(bytes, out pin);
    }

    /// <summary>False when it is not there, cannot be read, or is larger than any file of ours.</summary>
    public static bool TryReadFile(string path, [NotNullWhen(true)] out byte[]? bytes)
    {
        bytes = null;
        try
        {
            bytes = new FileInfo(path) is { Exists: true, Length: <= MostBytes } ? File.ReadAllBytes(path) : null;
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
        }

        return bytes is not null;
    }

    static IEnumerable<string> Files() =>
        Directory.Exists(Folder) ? Directory.GetFiles(Folder, "*.authorities").Order(StringComparer.Ordinal) : [];

    static void Write(string name, byte[] bytes)
    {
        Directory.CreateDirectory(Folder);
        AtomicFile.Write(Path.Combine(Folder, name), bytes);
    }
}
