using Funion.Hosting.Cloud;
using Microsoft.Extensions.Hosting;

await CloudApp.Create(args, (_, _, environment) => environment).Build().RunAsync();
