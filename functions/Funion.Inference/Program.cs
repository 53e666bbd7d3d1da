using Funion.Hosting.Cloud;
using Funion.Inference.App;
using Funion.Models;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

await CloudApp.Create(args, (settings, services, environment) =>
{
    ModelSet models = new(ModelSet.FilesOf(settings.Models), accelerate: true, Environment.ProcessorCount);
    services.AddSingleton(models).AddHostedService<ComputeService>();
    return environment with { Run = models.RunAsync, OwnClock = false };
}).Build().RunAsync();
