using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Funion.Cli.Console;
using Funion.Client;

namespace Funion.Cli.Commands;

/// <summary>
/// A <c>funion serve</c> that runs on this machine, found by the file it leaves in the user's folder (readable by the user only). Going through it hides
/// when one asks: its traffic is the same whether anybody does.
/// </summary>
sealed class ServeLink : IDisposable
{
    const string TokenHeader = "X-Funion-Token";

    readonly HttpClient _http;

    ServeLink(Uri address, string token)
    {
        Address = address;
        _http = new HttpClient { BaseAddress = address, Timeout = Timeout.InfiniteTimeSpan };
        _http.DefaultRequestHeaders.Add(TokenHeader, token);
    }

    public Uri Address { get; }

    static string FilePath => Path.Combine(FunionHome.Path, "serve.json");

    /// <summary>Leaves the file; deletes it when disposed.</summary>
    public static IDisposable Announce(Uri address, string token)
    {
        Directory.CreateDirectory(FunionHome.Path);
        string text = new JsonObject { ["address"] = address.ToString(), ["token"] = token }.ToJsonString();
        File.Delete(FilePath);
        FileStreamOptions options = new() { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }
        using (FileStream file = new(FilePath, options))
        {
            file.Write(System.Text.Encoding.UTF8.GetBytes(text));
        }
        return new Announcement(text);
    }

    /// <summary>The running one, or null when there is none or it does not answer.</summary>
    public static async Task<ServeLink?> FindAsync(CancellationToken cancellation)
    {
        try
        {
            JsonNode? file = JsonNode.Parse(await File.ReadAllTextAsync(FilePath, cancellation));
            if (file?["address"]?.GetValue<string>() is not { } address || file["token"]?.GetValue<string>() is not { } token
                || !Uri.TryCreate(address, UriKind.Absolute, out Uri? uri) || !uri.IsLoopback)
            {
                return null;
            }
            ServeLink link = new(uri, token);
            using CancellationTokenSource quick = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            quick.CancelAfter(TimeSpan.FromSeconds(2));
            using HttpResponseMessage ready = await link._http.GetAsync("v2/health/live", quick.Token);
            return ready.IsSuccessStatusCode ? link : null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or JsonException or HttpRequestException
            or InvalidOperationException || (error is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            return null;
        }
    }

    public async Task<JsonNode> StatusAsync(CancellationToken cancellation) =>
        (await _http.GetFromJsonAsync<JsonNode>("funion/v1/status", cancellation))!;

    public async Task<(string Read, string Write)> PutAsync(byte[] content, CancellationToken cancellation)
    {
        using ByteArrayContent body = new(content);
        body.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
        using HttpResponseMessage response = await SendAsync("funion/v1/put", body, cancellation);
        JsonNode answer = (await response.Content.ReadFromJsonAsync<JsonNode>(cancellation))!;
        return (answer["read"]!.GetValue<string>(), answer["write"]!.GetValue<string>());
    }

    public async Task<byte[]> GetAsync(string capability, CancellationToken cancellation)
    {
        using HttpResponseMessage response = await SendAsync("funion/v1/get", Json(new JsonObject { ["capability"] = capability }), cancellation);
        return await response.Content.ReadAsByteArrayAsync(cancellation);
    }

    public async Task DeleteAsync(string capability, CancellationToken cancellation)
    {
        using HttpResponseMessage response = await SendAsync("funion/v1/delete", Json(new JsonObject { ["capability"] = capability }), cancellation);
    }

    public void Dispose() => _http.Dispose();

    static StringContent Json(JsonObject value) => new(value.ToJsonString(), System.Text.Encoding.UTF8, new MediaTypeHeaderValue("application/json"));

    async Task<HttpResponseMessage> SendAsync(string route, HttpContent body, CancellationToken cancellation)
    {
        HttpResponseMessage response;
        try
        {
            response = await _http.PostAsync(route, body, cancellation);
        }
        catch (HttpRequestException error)
        {
            throw new FunionException(FunionError.Unreachable, "The running serve does not answer.", error);
        }
        if (response.IsSuccessStatusCode)
        {
            return response;
        }
        string text = await response.Content.ReadAsStringAsync(cancellation);
        FunionError kind = (int)response.StatusCode switch { 404 => FunionError.NotFound, 504 => FunionError.TimedOut, 503 => FunionError.Unreachable, _ => FunionError.Refused };
        response.Dispose();
        throw new FunionException(kind, SentenceOf(text));
    }

    static string SentenceOf(string text)
    {
        try
        {
            return JsonNode.Parse(text)?["error"]?.GetValue<string>() ?? "The running serve refused.";
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            return "The running serve refused.";
        }
    }

    sealed class Announcement(string text) : IDisposable
    {
        public void Dispose()
        {
            try
            {
                // Another serve may have taken the place.
                if (File.ReadAllText(FilePath) == text)
                {
                    File.Delete(FilePath);
                }
            }
            catch (IOException)
            {
            }
        }
    }

    /// <summary>A token that only this user's tools can read.</summary>
    public static string NewToken() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
}
