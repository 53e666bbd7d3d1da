using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Funion.Hosting.Cloud;

/// <summary>What every function app of this project is: one node behind a host's triggers and routes, which says nothing of what passes through it.</summary>
static class CloudApp
{
    /// <summary>Makes an app; <paramref name="environment"/> adds what the node's role needs.</summary>
    public static FunctionsApplicationBuilder Create(string[] args, Func<NodeSettings, IServiceCollection, NodeEnvironment, NodeEnvironment> environment)
    {
        FunctionsApplicationBuilder builder = FunctionsApplication.CreateBuilder(args);
        builder.ConfigureFunctionsWebApplication();
        // A line for every request would be a log of who sent when.
        builder.Logging.SetMinimumLevel(LogLevel.Warning).AddFilter("Microsoft.AspNetCore", LogLevel.None).AddFilter("Azure", LogLevel.None);
        NodeSettings settings = NodeSettings.Read(builder.Configuration);
        builder.Services
            .Configure<KestrelServerOptions>(kestrel =>
            {
                kestrel.AddServerHeader = false;
                kestrel.Limits.MaxRequestBodySize = NodeRoutes.LargestBody;
            })
            .AddSingleton(environment(settings, builder.Services, CloudEnvironment.Of(settings, builder.Configuration)))
            .AddSingleton(provider => new NodeHost(settings, provider.GetRequiredService<NodeEnvironment>()))
            .AddSingleton(provider => new NodeRoutes(provider.GetRequiredService<NodeHost>(), behindFrontEnd: true));
        return builder;
    }
}
