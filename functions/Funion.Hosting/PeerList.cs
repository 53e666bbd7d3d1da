using Funion.Storage;

namespace Funion.Hosting;

/// <summary>
/// Peers whose queues this node may write itself, <c>name=uri;name=uri</c>: the address of a queue service or a Service Bus namespace with the peer's
/// prefix as its path, <c>https://account.queue.core.windows.net/mix-2-0</c> or <c>sb://namespace.servicebus.windows.net/mix-2-0</c>. The single
/// <c>*</c>: every node lies in this node's own account, under its name.
/// </summary>
public sealed class PeerList
{
    readonly Dictionary<string, (Uri Service, string Prefix)> _peers;

    PeerList(Dictionary<string, (Uri Service, string Prefix)> peers, bool all)
    {
        _peers = peers;
        All = all;
    }

    /// <summary>Nobody.</summary>
    public static PeerList None { get; } = new([], false);

    /// <summary>Every node lies in this node's own account.</summary>
    public bool All { get; }

    /// <summary>Where a peer's queues are; null when it is not listed.</summary>
    public (Uri Service, string Prefix)? Find(string name) => _peers.TryGetValue(name, out (Uri Service, string Prefix) found) ? found : null;

    /// <summary>Reads the setting; null when it is not one.</summary>
    public static PeerList? TryParse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text == "*")
        {
            return new PeerList([], true);
        }
        Dictionary<string, (Uri Service, string Prefix)> peers = new(StringComparer.Ordinal);
        foreach (string entry in text.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            int equals = entry.IndexOf('=', StringComparison.Ordinal);
            if (equals < 1 || !Uri.TryCreate(entry[(equals + 1)..], UriKind.Absolute, out Uri? uri) || uri.Scheme is not ("https" or "http" or "sb") || uri.Host.Length == 0)
            {
                return null;
            }
            // User information or a query would be a place for a token; none stands in a setting.
            if (uri.UserInfo.Length + uri.Query.Length + uri.Fragment.Length > 0)
            {
                return null;
            }
            int slash = uri.AbsoluteUri.TrimEnd('/').LastIndexOf('/');
            string prefix = uri.AbsoluteUri.TrimEnd('/')[(slash + 1)..];
            if (uri.AbsolutePath.Trim('/').Length == 0 || !StorageAccount.IsPrefix(prefix) || !peers.TryAdd(entry[..equals], (new Uri(uri.AbsoluteUri[..slash] + "/"), prefix)))
            {
                return null;
            }
        }
        return new PeerList(peers, false);
    }
}
