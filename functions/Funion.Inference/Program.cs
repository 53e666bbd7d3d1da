using Funion.Hosting;
using Funion.Hosting.Cloud;
using Funion.Inference.App;
using Funion.Models;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

FunctionsApplicationBuilder builder = FunctionsApplication.CreateBuilder(args);
builder.ConfigureFunctionsWebApplication();
// A line for every request would be a log of who sent when.
builder.Logging.SetMinimumLevel(LogLevel.Warning).AddFilter("Microsoft.AspNetCore", LogLevel.None).AddFilter("Azure", LogLevel.None);
NodeSettings settings = NodeSettings.Read(builder.Configuration);
ModelSet models = new(ModelSet.FilesOf(settings.Models), accelerate: true, Environment.ProcessorCount);
builder.Services
    .Configure<KestrelServerOptions>(kestrel =>
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = NodeRoutes.LargestBody;
    })
    .AddSingleton(models)
    .AddSingleton(CloudEnvironment.Of(settings, builder.Configuration) with { Run = models.RunAsync, OwnClock = false })
    .AddSingleton(provider => new NodeHost(settings, provider.GetRequiredService<NodeEnvironment>()))
    .AddSingleton(provider => new NodeRoutes(provider.GetRequiredService<NodeHost>(), behindFrontEnd: true))
    .AddHostedService<ComputeService>();
await builder.Build().RunAsync();
