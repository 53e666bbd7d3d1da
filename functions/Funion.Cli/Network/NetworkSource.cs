using Funion.Cli.Console;
using Funion.Network;

namespace Funion.Cli.Network;

/// <summary>
/// What <c>--network FILE|URL</c> and <c>--authorities FILE</c> mean. A file may lean on the pin beside it, FILE.authorities; a URL needs
/// a pin that came another way. An accepted document of a URL is compared through a second gateway and remembered against rollback.
/// </summary>
sealed class NetworkSource(HttpClient http, TimeProvider time)
{
    public async Task<NetworkChoice> OpenAsync(string network, string? authorities, CancellationToken cancellation)
    {
        Uri? url = Url(network);
        if (authorities is null && url is null && File.Exists(network + ".authorities"))
        {
            authorities = network + ".authorities";
        }

        if (url is null && ReadFile(network) is null)
        {
            return NetworkChoice.Refused(ExitCode.Failed, $"The network document {network} cannot be read.");
        }

        if (!TryPins(authorities, out IReadOnlyList<TrustedAuthorities> pins))
        {
            return NetworkChoice.Refused(ExitCode.Failed, $"{authorities} is not a file of authority keys.");
        }

        if (pins.Count == 0)
        {
            return NetworkChoice.Refused(
                ExitCode.VerificationFailed,
                $"No authority keys are pinned for {network}.",
                "get the network's authority keys from its operators, then: funion network trust FILE.authorities");
        }

        byte[]? signed = url is null ? ReadFile(network) : await FetchAsync(url, cancellation);
        if (signed is null)
        {
            return url is null
                ? NetworkChoice.Refused(ExitCode.Failed, $"The network document {network} cannot be read.")
                : NetworkChoice.Refused(ExitCode.NetworkUnreachable, $"{network} gives no network document.", "is the gateway up?");
        }

        return await JudgeAsync(signed, pins, url, cancellation);
    }

    async Task<NetworkChoice> JudgeAsync(
        byte[] signed, IReadOnlyList<TrustedAuthorities> pins, Uri? url, CancellationToken cancellation)
    {
        if (!SignedNetworkDocument.TryParse(signed, out SignedNetworkDocument? parsed))
        {
            return Refused(DocumentVerdict.Malformed);
        }

        TrustedAuthorities? pin = pins.FirstOrDefault(pin => pin.Network == parsed.Document.Name);
        if (pin is null)
        {
            return Refused(DocumentVerdict.OtherNetwork);
        }

        KnownDocument? known = url is null || !TrustStore.IsFileName(pin.Network) ? null : TrustStore.Known(pin.Network);
        DocumentVerdict verdict = new NetworkTrust(pin).Check(signed, time.GetUtcNow(), known, out NetworkDocument? document);
        if (document is null)
        {
            return Refused(verdict);
        }

        if (url is not null)
        {
            if (await SecondGatewayAsync(document, url, cancellation) is { } second
                && NetworkTrust.CheckSecond(document, second) is not DocumentVerdict.Accepted)
            {
                return Refused(DocumentVerdict.DiffersBetweenGateways);
            }

            try
            {
                TrustStore.Remember(document);
            }
            catch (Exception unwritable) when (unwritable is IOException or UnauthorizedAccessException)
            {
                // Without a memory the next document could be an older one.
                return NetworkChoice.Refused(ExitCode.Failed, $"The accepted version cannot be remembered in {FunionHome.Path}.");
            }
        }

        return new NetworkChoice(document, Pin: pin);
    }

    // A second gateway that is down proves nothing; one that shows another document does.
    async Task<byte[]?> SecondGatewayAsync(NetworkDocument document, Uri first, CancellationToken cancellation)
    {
        foreach (NodeDescriptor gateway in document.Gateways.Where(gateway => gateway.Address.Length > 0))
        {
            Uri url = new(gateway.Address);
            if (url.Authority != first.Authority && await FetchAsync(url, cancellation) is { } signed)
            {
                return signed;
            }
        }

        return null;
    }

    async Task<byte[]?> FetchAsync(Uri gateway, CancellationToken cancellation)
    {
        try
        {
            Uri url = gateway.AbsolutePath == "/" ? new Uri(gateway, "/v1/network") : gateway;
            using HttpResponseMessage answer = await http.GetAsync(url, HttpCompletionOption.ResponseHeadersRead, cancellation);
            if (!answer.IsSuccessStatusCode || answer.Content.Headers.ContentLength > CanonicalJson.MaxSize)
            {
                return null;
            }

            await answer.Content.LoadIntoBufferAsync(CanonicalJson.MaxSize, cancellation);
            return await answer.Content.ReadAsByteArrayAsync(cancellation);
        }
        catch (Exception unreachable) when (unreachable is HttpRequestException or IOException
            || (unreachable is TaskCanceledException && !cancellation.IsCancellationRequested))
        {
            return null;
        }
    }

    static NetworkChoice Refused(DocumentVerdict verdict) =>
        NetworkChoice.Refused(ExitCode.VerificationFailed, $"The network document is refused: {VerdictText.Sentence(verdict)}", VerdictText.Hint(verdict));

    static bool TryPins(string? authorities, out IReadOnlyList<TrustedAuthorities> pins)
    {
        if (authorities is null)
        {
            pins = TrustStore.Pins();
            return true;
        }

        bool read = TrustStore.TryReadPin(authorities, out TrustedAuthorities? pin);
        pins = read ? [pin!] : [];
        return read;
    }

    static byte[]? ReadFile(string path) => TrustStore.TryReadFile(path, out byte[]? bytes) ? bytes : null;

    static Uri? Url(string network) =>
        Uri.TryCreate(network, UriKind.Absolute, out Uri? url) && (url.Scheme is "http" or "https") ? url : null;
}
