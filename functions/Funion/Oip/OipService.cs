using System.Globalization;
using System.Net;
using System.Reflection;
using System.Text.Json.Nodes;
using Funion.Inference;
using Funion.Network;

namespace Funion.Oip;

/// <summary>
/// The routes of the Open Inference Protocol v2, whatever brings the requests: the local proxy or <see cref="Client.MixHttpHandler"/>.
/// <code>
/// GET  /v2, /v2/health/live, /v2/health/ready
/// GET  /v2/models/{model}[/versions/1], /v2/models/{model}[/versions/1]/ready
/// POST /v2/models/{model}[/versions/1]/infer
/// </code>
/// The caller's request ends here but for its tensors.
/// </summary>
public sealed class OipService(OipBackend backend)
{
    static readonly string Version = typeof(OipService).Assembly.GetName().Version?.ToString(3) ?? "";

    /// <summary>The answer to a request; throws what the backend throws.</summary>
    /// <param name="call">The request.</param>
    /// <param name="path">Its path, split, without "v2".</param>
    /// <param name="cancellation">Ends with the caller or at a deadline.</param>
    public async Task<OipAnswer> AnswerAsync(OipCall call, string[] path, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(call);
        string[] route = path is ["models", var name, "versions", var version, .. var after]
            ? version == OipResponse.ModelVersion ? ["models", name, .. after] : ["no such version"]
            : path;
        return (call.Method, route) switch
        {
            ("POST", ["models", var model, "infer"]) => await InferAsync(call, model, cancellation),
            (_, ["models", _, "infer"]) => WrongMethod("POST"),
            ("GET", []) => Server(),
            ("GET", ["health", "live"]) => OipAnswer.Of(new JsonObject { ["live"] = true }),
            ("GET", ["health", "ready"]) => Ready(backend.Ready(), null),
            ("GET", ["models", var model]) => Model(model) is { } entry ? OipAnswer.Of(ModelMetadata.Write(entry)) : OipAnswer.NoModel,
            ("GET", ["models", var model, "ready"]) => Model(model) is { } entry
                ? Ready(backend.Ready() && !backend.Document().IsHidden(entry), model)
                : OipAnswer.NoModel,
            (_, [] or ["health", "live" or "ready"] or ["models", _] or ["models", _, "ready"]) => WrongMethod("GET"),
            (_, ["no such version"]) => OipAnswer.NoModel,
            _ => OipAnswer.NoRoute,
        };
    }

    /// <summary>405.</summary>
    public static OipAnswer WrongMethod(string allowed) =>
        OipAnswer.Error(HttpStatusCode.MethodNotAllowed, $"This route takes {allowed}.") with { Allow = allowed };

    async Task<OipAnswer> InferAsync(OipCall call, string name, CancellationToken cancellation)
    {
        if (!TryJsonLength(call, out int? length))
        {
            return OipAnswer.Error(HttpStatusCode.BadRequest, $"{OipAnswer.JsonLengthHeader} is not a number of bytes.");
        }
        // A client that names no type but sends this header is welcome: a web page cannot send the header without a preflight, which is refused.
        bool binary = length is not null && (call.ContentType is null || call.IsOfType(OipAnswer.Binary));
        if (!binary && !call.IsOfType(OipAnswer.Json))
        {
            return OipAnswer.Error(
                HttpStatusCode.UnsupportedMediaType,
                $"Send {OipAnswer.Json}, or {OipAnswer.Binary} with {OipAnswer.JsonLengthHeader}, uncompressed.");
        }
        if (Model(name) is not { } model)
        {
            return OipAnswer.NoModel;
        }
        if (backend.Document().IsHidden(model))
        {
            return OipAnswer.Error(HttpStatusCode.BadRequest, EnclaveEntry.OnlyAsked(name));
        }
        if (await call.ReadBody(cancellation) is not { } body)
        {
            return OipAnswer.TooLarge;
        }
        OipRequest? parsed = length == 0
            ? OipRequest.TryParseRaw(model, body, out string error)
            : OipRequest.TryParse(body, length, out error);
        if (parsed is null || ModelMetadata.Order(model, parsed, out error) is not { } tensors)
        {
            return OipAnswer.Error(HttpStatusCode.BadRequest, error);
        }
        if (parsed.Bucket is { } bucket && !model.BucketsMilliseconds.Any(offered => TimeSpan.FromMilliseconds(offered) == bucket))
        {
            return OipAnswer.NoModel;
        }
        InferenceAnswer answer = await backend.Infer(model.Name, tensors, parsed.Bucket, cancellation).WaitAsync(cancellation);
        if (answer.Tensors is not { } outputs)
        {
            return OipAnswer.Of(answer.Failure ?? InferenceFailure.ModelFailed);
        }
        return OipResponse.TryWrite(model.Name, parsed, outputs, out error) is { } response
            ? new OipAnswer(
                HttpStatusCode.OK,
                response.Body,
                response.JsonLength is null ? OipAnswer.Json : OipAnswer.Binary,
                response.JsonLength)
            : OipAnswer.Error(HttpStatusCode.BadGateway, error);
    }

    ModelEntry? Model(string name) => backend.Document().Model(name);

    static OipAnswer Server() => OipAnswer.Of(new JsonObject
    {
        ["name"] = "funion",
        ["version"] = Version,
        ["extensions"] = new JsonArray("binary_tensor_data"),
    });

    static OipAnswer Ready(bool ready, string? model)
    {
        JsonObject json = model is null ? [] : new JsonObject { ["name"] = model };
        json["ready"] = ready;
        return OipAnswer.Of(json, ready ? HttpStatusCode.OK : HttpStatusCode.ServiceUnavailable);
    }

    static bool TryJsonLength(OipCall call, out int? length)
    {
        length = null;
        if (call.JsonLength is not { } text)
        {
            return true;
        }
        bool read = int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int given);
        length = given;
        return read;
    }
}
