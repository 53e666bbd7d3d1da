using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Funion.Network;

/// <summary>
/// The pin: whose signatures a client or node believes, for which network. The file is canonical JSON
/// <c>{"format":1,"keys":[hex,…],"network":name,"threshold":k}</c> and a newline, and reaches its user by another way than the document.
/// </summary>
public sealed class TrustedAuthorities
{
    const int CurrentFormat = 1;
    const int MostKeys = 100;

    /// <summary>Pins at least one key of 32 bytes, each once, and 1 ≤ k ≤ n.</summary>
    /// <exception cref="ArgumentException">They are not that.</exception>
    public TrustedAuthorities(string network, int threshold, IReadOnlyList<byte[]> keys)
    {
        if (!IsSane(network, threshold, keys))
        {
            throw new ArgumentException("A pin needs a network's name, keys of 32 bytes, each once, and a threshold among them.");
        }

        Network = network;
        Threshold = threshold;
        Keys = keys;
    }

    /// <summary>Name of the network.</summary>
    public string Network { get; }

    /// <summary>k.</summary>
    public int Threshold { get; }

    /// <summary>n Ed25519 keys.</summary>
    public IReadOnlyList<byte[]> Keys { get; }

    /// <summary>Whether this key is pinned.</summary>
    public bool Names(ReadOnlySpan<byte> key)
    {
        foreach (byte[] pinned in Keys)
        {
            if (key.SequenceEqual(pinned))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The file.</summary>
    public byte[] ToBytes()
    {
        JsonObject json = new()
        {
            ["format"] = CurrentFormat,
            ["network"] = Network,
            ["threshold"] = Threshold,
            ["keys"] = new JsonArray([.. Keys.Select(key => JsonValue.Create(DocumentJson.Hex(key)))]),
        };
        return [.. CanonicalJson.Encode(json), (byte)'\n'];
    }

    /// <summary>Reads the file of a pin.</summary>
    /// <exception cref="FormatException">It is not one.</exception>
    public static TrustedAuthorities Parse(ReadOnlySpan<byte> file) =>
        TryParse(file, out TrustedAuthorities? trusted) ? trusted : throw new FormatException("This is not a file of authority keys.");

    /// <summary>Reads the file; a last newline may be missing.</summary>
    public static bool TryParse(ReadOnlySpan<byte> file, [NotNullWhen(true)] out TrustedAuthorities? trusted)
    {
        trusted = null;
        ReadOnlySpan<byte> text = file is [.., (byte)'\n'] ? file[..^1] : file;
        if (!CanonicalJson.TryParse(text, out JsonElement json))
        {
            return false;
        }

        JsonFields fields = new(json);
        _ = fields.Int("format", CurrentFormat, CurrentFormat);
        string network = fields.Text("network", 64);
        int threshold = fields.Int("threshold", 1, MostKeys);
        List<byte[]> keys = fields.List("keys", MostKeys, DocumentReader.ReadKey);
        if (!fields.Done || !IsSane(network, threshold, keys))
        {
            return false;
        }

        trusted = new TrustedAuthorities(network, threshold, keys);
        return true;
    }

    static bool IsSane(string network, int threshold, IReadOnlyList<byte[]> keys) =>
        !string.IsNullOrEmpty(network) && threshold >= 1 && threshold <= keys.Count && keys.All(key => key.Length == 32)
        && keys.Select(Convert.ToHexString).Distinct().Count() == keys.Count;
}
