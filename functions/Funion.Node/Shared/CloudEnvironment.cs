using Azure.Core;
using Azure.Identity;
using Azure.Security.KeyVault.Secrets;
using Funion.Roles;
using Funion.Storage;
using Microsoft.Extensions.Configuration;

namespace Funion.Hosting.Cloud;

/// <summary>A node's environment in the cloud: identity instead of keys, secrets from a vault, NSec's signatures.</summary>
static class CloudEnvironment
{
    public static NodeEnvironment Of(NodeSettings settings, IConfiguration configuration)
    {
        // A developer's own login where no identity is named.
        TokenCredential credential = configuration[$"{AzureEnvironment.Connection}:clientId"] is { Length: > 0 } client
            ? new ManagedIdentityCredential(ManagedIdentityId.FromUserAssignedClientId(client))
            : new DefaultAzureCredential();
        NodeEnvironment environment = AzureEnvironment.Of(settings, configuration, credential, BusOf(configuration, credential));
        return environment with
        {
            ReadSecret = (secret, cancellation) => ReadSecretAsync(secret, credential, cancellation),
            Signer = NSecSignatures.Signer,
            Verify = NSecSignatures.Verify,
        };
    }

    static Func<Uri?, string, PacketQueue>? BusOf(IConfiguration configuration, TokenCredential credential)
    {
        if (configuration["ServiceBus"] is { Length: > 0 } text)
        {
            // The emulator's, or a developer's namespace.
            ServiceBusNamespace local = ServiceBusNamespace.Of(text);
            return (_, prefix) => local.Queue(prefix);
        }
        if (configuration["ServiceBus:fullyQualifiedNamespace"] is not { Length: > 0 } own)
        {
            return null;
        }
        Dictionary<string, ServiceBusNamespace> known = new(StringComparer.OrdinalIgnoreCase);
        return (service, prefix) =>
        {
            string name = service?.Host ?? own;
            lock (known)
            {
                if (!known.TryGetValue(name, out ServiceBusNamespace? bus))
                {
                    known.Add(name, bus = ServiceBusNamespace.Of(name, credential));
                }
                return bus.Queue(prefix);
            }
        };
    }

    /// <summary>The keys' file in base64, as <c>az keyvault secret set --encoding base64</c> stores it.</summary>
    static async Task<byte[]> ReadSecretAsync(Uri secret, TokenCredential credential, CancellationToken cancellation)
    {
        SecretClientOptions options = new();
        options.Diagnostics.IsDistributedTracingEnabled = false;
        options.Diagnostics.IsLoggingEnabled = false;
        options.Diagnostics.IsTelemetryEnabled = false;
        SecretClient client = new(new Uri(secret.GetLeftPart(UriPartial.Authority)), credential, options);
        try
        {
            KeyVaultSecret found = await client.GetSecretAsync(secret.Segments[^1].TrimEnd('/'), cancellationToken: cancellation);
            return Convert.FromBase64String(found.Value);
        }
        catch (Exception error) when (error is Azure.RequestFailedException or AggregateException or AuthenticationFailedException or FormatException)
        {
            throw new NodeSettingsException(NodeSettings.NameOf(nameof(NodeSettings.Keys)), "names a secret that cannot be read");
        }
    }
}
