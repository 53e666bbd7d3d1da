using System.Buffers.Binary;
using System.Security.Cryptography;
using Funion.Client;
using Funion.Network;
using Funion.Roles;

namespace Funion.Hosting;

/// <summary>
/// Where a node reads what it is: the network document, held to the pin and to the last one accepted, and its keys. What was accepted is remembered in
/// the node's own store, so that whoever serves the document cannot hand an older one to a fresh instance.
/// </summary>
/// <param name="settings">The node's.</param>
/// <param name="environment">Its host's.</param>
sealed class NodeSource(NodeSettings settings, NodeEnvironment environment)
{
    /// <summary>Where the last accepted document is remembered: version u64 BE ‖ hash.</summary>
    public const string Shelf = "network";

    const int LargestKeys = 1 << 16;

    static readonly StoreKey s_known = new(Shelf, 0, "known");

    /// <summary>The signed document, or null while it is refused or cannot be had.</summary>
    public async ValueTask<SignedNetworkDocument?> ReadDocumentAsync(CancellationToken cancellation)
    {
        TrustedAuthorities pin = ReadPin();
        if (await TryReadAsync(settings.NetworkDocument, cancellation) is not { } bytes)
        {
            return null;
        }
        StoredValue? stored = await environment.Ports.Store.GetAsync(s_known, cancellation);
        DocumentVerdict verdict = new NetworkTrust(pin).Check(bytes, environment.Time.GetUtcNow(), Known(stored), out NetworkDocument? document);
        if (document is null)
        {
            Verdict = verdict;
            return null;
        }
        byte[] known = new byte[sizeof(long) + NetworkDocument.HashSize];
        BinaryPrimitives.WriteInt64BigEndian(known, document.Version);
        document.Hash().CopyTo(known, sizeof(long));
        if (stored is null)
        {
            await environment.Ports.Store.PutIfAbsentAsync(s_known, known, cancellation);
        }
        else if (!stored.Value.Span.SequenceEqual(known))
        {
            await environment.Ports.Store.ReplaceIfUnchangedAsync(s_known, known, stored.Version, cancellation);
        }
        Verdict = DocumentVerdict.Accepted;
        return SignedNetworkDocument.TryParse(bytes, out SignedNetworkDocument? signed) ? signed : null;
    }

    /// <summary>What was said of the last document that could be read.</summary>
    public DocumentVerdict? Verdict { get; private set; }

    /// <summary>The keys.</summary>
    /// <exception cref="NodeSettingsException">They are not there, or another node's.</exception>
    public async ValueTask<NodeKeys> ReadKeysAsync(CancellationToken cancellation)
    {
        NodeKeys? keys;
        if (Uri.TryCreate(settings.Keys, UriKind.Absolute, out Uri? vault) && vault.Scheme == Uri.UriSchemeHttps)
        {
            byte[] secret = await (environment.ReadSecret ?? throw Wrong(nameof(NodeSettings.Keys), "names a vault, and this host reads none"))(vault, cancellation);
            keys = secret.Length <= LargestKeys ? NodeKeys.TryRead(secret) : null;
            CryptographicOperations.ZeroMemory(secret);
        }
        else
        {
            KeyFileOutcome outcome = NodeKeys.Load(settings.Keys, out keys);
            if (outcome == KeyFileOutcome.TooOpen)
            {
                throw Wrong(nameof(NodeSettings.Keys), "names a file that others than its owner can read");
            }
        }
        return keys ?? throw Wrong(nameof(NodeSettings.Keys), "names no keys of a node");
    }

    TrustedAuthorities ReadPin()
    {
        string text = settings.Authorities.TrimStart();
        byte[]? bytes = text.StartsWith('{') ? System.Text.Encoding.UTF8.GetBytes(text.TrimEnd() + "\n") : TryReadFile(settings.Authorities);
        return bytes is not null && TrustedAuthorities.TryParse(bytes, out TrustedAuthorities? pin)
            ? pin
            : throw Wrong(nameof(NodeSettings.Authorities), "is no pin of authority keys");
    }

    async ValueTask<byte[]?> TryReadAsync(string place, CancellationToken cancellation)
    {
        if (!Uri.TryCreate(place, UriKind.Absolute, out Uri? url) || url.Scheme is not ("http" or "https"))
        {
            return TryReadFile(place);
        }
        try
        {
            return await environment.Fetch(url, cancellation);
        }
        catch (Exception error) when (error is GatewayUnreachableException or PortUnavailableException)
        {
            return null;
        }
    }

    static byte[]? TryReadFile(string path)
    {
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    static KnownDocument? Known(StoredValue? stored) => stored is { Value.Length: sizeof(long) + NetworkDocument.HashSize }
        ? new KnownDocument(BinaryPrimitives.ReadInt64BigEndian(stored.Value.Span), stored.Value[sizeof(long)..].ToArray())
        : null;

    static NodeSettingsException Wrong(string setting, string what) => new(NodeSettings.NameOf(setting), what);
}
